// The house rules over all sources. Each finding names the place and what to write instead.

import Testing

@Suite struct SourceTests {
    /// The targets below Producers, Consumers and Gateway.
    private static let roles = Set(
        Project.swiftFiles.filter { file in
            ["Sources/Producers/", "Sources/Consumers/", "Sources/Gateway/"].contains { file.path.hasPrefix($0) }
        }.map(\.target))

    private func expectNone(_ findings: [String], sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(findings.isEmpty, "\n\(findings.joined(separator: "\n"))", sourceLocation: sourceLocation)
    }

    @Test func `the sources are found`() {
        #expect(Project.swiftFiles.count > 100)
        #expect(Self.roles.isSuperset(of: ["Gateway", "Features", "Loader", "Trainer", "EventIngest"]))
    }

    @Test func `no layer reaches past the one below it`() {
        expectNone(Project.swiftFiles.flatMap { HouseRules.layering(of: $0, roles: Self.roles) })
    }

    @Test func `only Stores spells a Redis key or an object name`() {
        expectNone(Project.swiftFiles(below: "Sources").flatMap(HouseRules.spelledKeys))
    }

    @Test func `models and algorithms wait for nothing`() {
        let folders = ["Models", "Ranking", "Learning"].map { "Sources/Shared/\($0)" }
        let findings = folders.flatMap { Project.swiftFiles(below: $0) }.filter { $0.source.code.contains(/\bawait\b/) }
        expectNone(findings.map { "\($0.path): await - instead: let the caller fetch first and compute then" })
    }

    @Test func `no file contains what has no place here`() {
        expectNone(Project.swiftFiles.flatMap(HouseRules.bannedConstructs))
    }

    @Test func `nothing is marked as unfinished`() {
        let files = Project.swiftFiles.filter { !$0.path.hasPrefix("Tests/HouseTests/") }
        expectNone(
            files.flatMap { file in
                HouseRules.unfinished.filter { file.file.text.contains($0) }
                    .map { "\(file.path): \($0) - instead: do it, or open an issue" }
            })
    }

    @Test func `files and functions can be read at one go`() {
        expectNone(Project.swiftFiles.flatMap { HouseRules.sizes(of: $0) })
    }

    @Test func `every file says first what it owns`() {
        let silent = Project.swiftFiles.filter { !$0.file.text.hasPrefix("// ") }
        expectNone(silent.map { "\($0.path):1 - instead: open with 2 to 5 lines on what the file owns" })
    }
}
