// The README's table of what operators used to type and what it is here, so that tests can try what it says.

import FoundationEssentials
package import TestServers

/// One row.
package struct Verb: Sendable, CustomStringConvertible {
    /// What they used to type.
    package let name: String
    /// What it is here, and in containers: the texts in back-ticks of either cell.
    package let here: [String]
    package let inContainers: [String]

    package var description: String { name }
}

/// The table.
package enum VerbTable {
    private static let header = "| there | here | in containers |"
    /// The repository's folder.
    package static let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// All rows of README.md.
    package static func read() throws -> [Verb] {
        try rows(try String(contentsOfFile: "\(project)/README.md", encoding: .utf8))
    }

    /// All rows of the table in a text.
    package static func rows(_ text: String) throws -> [Verb] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(where: { $0 == header }) else {
            throw TestServerError("there is no table that begins with \(header)")
        }
        return try lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map(quoted)
            guard cells.count == 3, cells[0].count == 1 else { throw TestServerError("what does '\(line)' say?") }
            return Verb(name: cells[0][0], here: cells[1], inContainers: cells[2])
        }
    }

    private static func quoted(_ cell: Substring) -> [String] {
        cell.matches(of: /`([^`]+)`/).map { String($0.1) }
    }

    /// The commands of this project that `make` would run for a target, without what installs and compiles: the lines
    /// that name a program or a script of ours.
    package static func commands(ofMake arguments: [String], in folder: TemporaryFolder) async throws -> [[String]] {
        let log = folder.appending("make-\(UInt32.random(in: .min ... .max)).log")
        try await ChildProcess.run(
            "make", ["--no-print-directory", "--dry-run", "-C", project] + arguments, logFile: log)
        let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
        return lines.map { $0.split(separator: " ").map(String.init) }.filter { words in
            words.first.map { $0.hasPrefix(".build/") || $0.hasPrefix("scripts/") } ?? false
        }
    }
}
