// Files of /proc, which Linux writes anew for every reader.

import FoundationEssentials

/// Reads what the kernel tells.
enum ProcFile {
    /// A file's text; nil where there is none, as on systems that are not Linux.
    static func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

    /// How many entries a folder has.
    static func entryCount(_ path: String) -> Int? { try? FileManager.default.contentsOfDirectory(atPath: path).count }

    /// The number behind a name, as in `MemTotal:  24684096 kB`.
    static func number(_ name: String, in text: String) -> Double? {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return nil }
        return line.dropFirst(name.count).split(separator: " ").first.flatMap { Double($0) }
    }
}
