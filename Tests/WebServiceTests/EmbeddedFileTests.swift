// Every embedded file is really in the binary.

import Embedded
import Testing

@Suite struct EmbeddedFileTests {
    @Test(arguments: EmbeddedFile.allCases)
    func `every file that has a name is in the binary`(file: EmbeddedFile) {
        #expect(!file.bytes.isEmpty)
    }
}
