// A folder under /tmp for one test, removed behind it.

import FoundationEssentials
import Glibc

/// A fresh folder with a short path: a Unix socket's path may have 107 bytes only.
package struct TemporaryFolder: Sendable {
    /// The absolute path, without a closing slash.
    package let path: String

    /// Makes the folder `/tmp/freshet-<label>-XXXXXX`.
    package init(_ label: String) throws {
        var template = Array("/tmp/freshet-\(label)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestServerError("cannot make a temporary folder") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The path of something inside.
    package func appending(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a text file and returns its path.
    package func write(_ text: String, to name: String) throws -> String {
        try text.write(toFile: appending(name), atomically: false, encoding: .utf8)
        return appending(name)
    }

    /// Removes the folder and everything in it.
    package func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
