// The very executable that users start, as it was built beside the tests.

import FoundationEssentials

/// The executable under test.
package enum FreshetExecutable {
    /// It lies beside the test bundle, which is the program that runs now.
    package static func path() throws -> String {
        let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = URL(filePath: bundle).deletingLastPathComponent().appending(path: "freshet").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw TestServerError("there is no \(path); build it: swift build --build-tests")
        }
        return path
    }
}
