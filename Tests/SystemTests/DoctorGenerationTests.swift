// What the doctor says about generations, instances and keys, without any server.

import Testing

@testable import Freshet
@testable import Stores

@Suite struct `The doctor's findings on generations` {
    private static let nowMs: Int64 = 1_700_000_000_000

    private func info(_ generation: Int, _ state: String = "ready", _ fields: [String: String] = [:]) -> GenerationInfo
    {
        GenerationInfo(generation: generation, state: state, release: "r\(generation)", fields: fields)
    }

    private func findings(
        active: Int? = 2, previous: [Int] = [1], all: [GenerationInfo]? = nil,
        instances: [String] = ["gateway@a:1", "features@a:2"], acknowledged: Set<String>? = nil,
        audit: KeyAudit = KeyAudit()
    ) -> [Finding] {
        GenerationChecks.findings(
            GenerationFacts(
                active: active, previous: previous, all: all ?? [info(1), info(2)], instances: instances,
                acknowledged: acknowledged ?? Set(instances)), audit, nowMs: Self.nowMs)
    }

    private func expect(
        _ findings: [Finding], _ check: String, _ level: Finding.Level, _ text: String, remedy: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let finding = try #require(findings.first { $0.check == check }, sourceLocation: sourceLocation)
        #expect(finding.level == level && finding.detail.contains(text), "\(finding)", sourceLocation: sourceLocation)
        if let remedy {
            #expect(finding.remedy?.contains(remedy) == true, "\(finding)", sourceLocation: sourceLocation)
        } else {
            #expect(finding.remedy == nil, "\(finding)", sourceLocation: sourceLocation)
        }
    }

    @Test func `a system that is well has no remedies`() throws {
        #expect(findings().allSatisfy { $0.level == .ok && $0.remedy == nil }, "\(findings())")
        try expect(findings(), "generation.live", .ok, "2, release r2, whole")
        try expect(findings(), "generation.rollback", .ok, "would go back to 1")
        try expect(findings(previous: []), "generation.rollback", .ok, "no generation was live before")
        try expect(findings(), "generation.instances", .ok, "2 serve generation 2")
    }

    @Test func `what is live must be there, and whole`() throws {
        try expect(findings(active: nil), "generation.live", .failure, "none is live", remedy: "freshet train run")
        try expect(
            findings(active: 3), "generation.live", .failure, "its state is gone", remedy: "freshet reload --force")
        try expect(
            findings(all: [info(1), info(2, "retiring")]), "generation.live", .failure, "its state is retiring",
            remedy: "freshet reload --force")

        // 10 offline lists, one of them empty; 8 are there.
        let counted = [info(1), info(2, "ready", ["offline": "10", "offline_empty": "1"])]
        var audit = KeyAudit()
        audit.isWhole = true
        audit.lists = [2: ["offline": 8]]
        try expect(
            findings(all: counted, audit: audit), "generation.live", .failure, "only 8 of 9 offline lists",
            remedy: "freshet reload --force")
        audit.lists = [2: ["offline": 9]]
        try expect(findings(all: counted, audit: audit), "generation.live", .ok, "whole")
        // Whoever has not seen all keys cannot say that one is missing.
        audit.lists = [:]
        audit.isWhole = false
        try expect(findings(all: counted, audit: audit), "generation.live", .ok, "whole")
    }

    @Test func `a rollback that would fail, a release that waits, a load without an end`() throws {
        try expect(
            findings(all: [info(2)]), "generation.rollback", .warning, "go back to 1, whose state is gone",
            remedy: "load another release")
        try expect(
            findings(all: [info(1), info(2), info(3, "waiting")]), "generation.waiting", .warning, "release r3 waits",
            remedy: "freshet release report r3")
        let hour: Int64 = 3_600_000
        for (ageMs, level) in [(hour, Finding.Level.ok), (hour + 1, .warning)] {
            let loading = info(3, "loading", ["started_at_ms": "\(Self.nowMs - ageMs)"])
            let found = findings(all: [info(1), info(2), loading])
            #expect(found.first { $0.check == "generation.loading" }?.level == level)
            if level == .warning {
                try expect(found, "generation.loading", .warning, "3 began to load", remedy: "start freshet loader")
            }
        }
    }

    @Test func `instances that are late, and none at all`() throws {
        try expect(
            findings(acknowledged: ["features@a:2"]), "generation.instances", .warning,
            "not on generation 2: gateway@a:1", remedy: "a restart takes the live generation")
        try expect(
            findings(instances: []), "generation.instances", .failure, "no gateway and no features consumer",
            remedy: "freshet gateway, freshet features")
        try expect(findings(active: nil, instances: []), "generation.instances", .ok, "nothing to serve")
    }

    @Test func `keys that nobody will remove are named, five at most`() throws {
        var audit = KeyAudit()
        for number in 1...7 { audit.endless.add("stray:\(number)") }
        audit.orphaned.add("gen:9:popular")
        audit.scanned = 100
        audit.total = 250
        let found = findings(audit: audit)
        try expect(
            found, "keys.endless", .warning, "7 among 100 of 250 keys (--keys-max) neither end nor belong",
            remedy: "UNLINK")
        try expect(found, "keys.endless", .warning, "stray:5", remedy: "UNLINK")
        #expect(found.first { $0.check == "keys.endless" }?.detail.contains("stray:6") == false)
        try expect(found, "keys.orphaned", .warning, "gen:9:popular", remedy: "ZADD generation:index")
        audit.isWhole = true
        try expect(findings(audit: audit), "keys.endless", .warning, "7 among 100 keys", remedy: "UNLINK")
    }
}
