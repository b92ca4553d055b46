// What the doctor says about each state that it knows, without any server: level, text and remedy of every finding.

import Models
import Telemetry
import TestServers
import Testing
import WebClient

@testable import Freshet
@testable import Stores

@Suite struct `The doctor's findings` {
    /// Whether a finding is as bad as said, names `text`, and says what to do unless all is well.
    private func expect(
        _ findings: [Finding], _ check: String, _ level: Finding.Level, _ text: String, remedy: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let found = findings.filter { $0.check == check }
        let finding = try #require(found.first, "no \(check)", sourceLocation: sourceLocation)
        #expect(found.count == 1, sourceLocation: sourceLocation)
        #expect(finding.level == level, "\(finding)", sourceLocation: sourceLocation)
        #expect(finding.detail.contains(text), "\(finding)", sourceLocation: sourceLocation)
        if level == .ok {
            #expect(finding.remedy == nil, "\(finding)", sourceLocation: sourceLocation)
        } else {
            let said = try #require(finding.remedy, "\(finding)", sourceLocation: sourceLocation)
            #expect(said.contains(try #require(remedy)), "\(finding)", sourceLocation: sourceLocation)
        }
    }

    // MARK: The server

    private static let nowMs: Int64 = 1_700_000_000_000
    private static let well = [
        "redis_version": "7.0.15", "maxmemory_policy": "noeviction", "evicted_keys": "0", "used_memory": "\(100 << 20)",
        "maxmemory": "\(200 << 20)", "total_system_memory": "\(8192 << 20)", "loading": "0", "aof_enabled": "1",
        "aof_last_write_status": "ok", "aof_last_bgrewrite_status": "ok", "rdb_last_bgsave_status": "ok",
    ]

    /// The findings on a server that is well but for these figures.
    private func server(
        _ figures: [String: String] = [:], skewMs: Int64 = 0, current: [String] = ["a", "b"], other: [String] = [],
        missing: [String] = []
    ) -> [Finding] {
        ServerChecks.findings(
            ServerFacts(
                figures: Self.well.merging(figures) { $1 }, clockMs: Self.nowMs + skewMs, functionsCurrent: current,
                functionsOther: other, functionsMissing: missing), nowMs: Self.nowMs)
    }

    @Test func `a server that is well has no remedies`() throws {
        let findings = server()
        #expect(findings.allSatisfy { $0.level == .ok && $0.remedy == nil }, "\(findings)")
        try expect(findings, "redis.version", .ok, "7.0.15")
        try expect(findings, "redis.eviction", .ok, "noeviction")
        try expect(findings, "redis.memory", .ok, "100 MB used of 200 MB")
        try expect(findings, "redis.persistence", .ok, "append-only file on, last write ok")
        try expect(findings, "redis.clock", .ok, "agrees")
        try expect(findings, "redis.functions", .ok, "2 libraries of this build")
        try expect(server(["maxmemory": "0"]), "redis.memory", .ok, "no limit; the machine has 8192 MB")
    }

    @Test(arguments: ["6.2.14", "5.0.0", "unknown", ""])
    func `an old Redis is refused, since it has no functions`(version: String) throws {
        try expect(
            server(["redis_version": version]), "redis.version", .failure, "which has no functions", remedy: "Redis 7")
    }

    @Test(arguments: ["7.0.0", "7.4.1", "8.0.2", "10.1"])
    func `a newer Redis is welcome`(version: String) throws {
        try expect(server(["redis_version": version]), "redis.version", .ok, version)
    }

    @Test func `eviction is a failure, and keys that were evicted are not forgotten`() throws {
        try expect(
            server(["maxmemory_policy": "allkeys-lru", "evicted_keys": "3"]), "redis.eviction", .failure, "allkeys-lru",
            remedy: "CONFIG SET maxmemory-policy noeviction")
        try expect(
            server(["evicted_keys": "3"]), "redis.eviction", .warning, "3 keys were evicted",
            remedy: "freshet reload --force")
    }

    @Test func `a Redis that is nearly full is a warning`() throws {
        try expect(server(["used_memory": "\(180 << 20)"]), "redis.memory", .ok, "180 MB used of 200 MB")
        try expect(
            server(["used_memory": "\(181 << 20)"]), "redis.memory", .warning, "the next release may not fit",
            remedy: "raise maxmemory")
    }

    @Test(arguments: ["aof_last_write_status", "aof_last_bgrewrite_status", "rdb_last_bgsave_status"])
    func `a write to disk that failed is a failure, whichever it is`(status: String) throws {
        try expect(
            server([status: "err"]), "redis.persistence", .failure, "\(status) is not ok", remedy: "the disk is full")
        // It is worse than what else may be said about persistence.
        try expect(
            server([status: "err", "aof_enabled": "0", "loading": "1"]), "redis.persistence", .failure, status,
            remedy: "the disk is full")
    }

    @Test func `all failed writes are named together`() throws {
        let findings = server(["aof_last_write_status": "err", "rdb_last_bgsave_status": "err"])
        try expect(
            findings, "redis.persistence", .failure, "aof_last_write_status, rdb_last_bgsave_status is not ok",
            remedy: "Redis's log")
    }

    @Test func `a Redis that still loads, or writes nothing, is a warning`() throws {
        try expect(server(["loading": "1"]), "redis.persistence", .warning, "still reading", remedy: "INFO persistence")
        try expect(
            server(["aof_enabled": "0"]), "redis.persistence", .warning, "append-only file is off",
            remedy: "CONFIG SET appendonly yes")
    }

    @Test(arguments: [(2000, nil), (-2000, nil), (2001, "2001 ms ahead of"), (-2001, "2001 ms behind")])
    func `Redis's clock may be two seconds off`(skewMs: Int64, text: String?) throws {
        let findings = server(skewMs: skewMs)
        if let text {
            try expect(findings, "redis.clock", .warning, text, remedy: "NTP")
        } else {
            try expect(findings, "redis.clock", .ok, "agrees")
        }
    }

    @Test func `functions that are missing, or of another build, are named`() throws {
        try expect(
            server(current: ["a"], other: ["b"], missing: ["c"]), "redis.functions", .failure, "not loaded: c, b",
            remedy: "start a features consumer or a loader")
        try expect(
            server(current: ["a"], other: ["b"]), "redis.functions", .warning, "of another build: b",
            remedy: "restart the roles with one build")
    }

    // MARK: The object store's clock

    @Test(
        arguments: [
            (5000, .ok, "agrees"), (-5000, .ok, "agrees"), (5001, .warning, "5001 ms ahead of"),
            (-5001, .warning, "5001 ms behind"), (300_000, .warning, "300000 ms ahead of"),
            (300_001, .failure, "300001 ms ahead of"), (-300_001, .failure, "300001 ms behind"),
        ] as [(Int64, Finding.Level, String)])
    func `the object store's clock may be five seconds off`(
        aheadMs: Int64, level: Finding.Level, text: String
    ) throws {
        try expect([OutsideChecks.clock(aheadMs: aheadMs)], "objects.clock", level, text, remedy: "NTP")
    }

    // MARK: The streams

    private func stream(
        pending: Int = 0, lag: Int? = 0, oldestAgeMs: Int64? = nil, group: ConsumerGroup = .features,
        exists: Bool = true, hasStream: Bool = true, partition: Int = 0, quarantined: Int = 0
    ) -> [Finding] {
        let progress = GroupProgress(
            partition: partition, group: group.rawValue, lastDelivered: StreamID(milliseconds: 5, sequence: 1),
            pending: pending, lag: lag)
        let oldest = oldestAgeMs.map { StreamID(milliseconds: UInt64(Self.nowMs - $0), sequence: 0) }
        let facts = GroupFacts(
            partition: partition, group: group, hasStream: hasStream, progress: exists ? progress : nil,
            oldestPending: oldest)
        return StreamChecks.findings([facts], quarantined: quarantined, lagMax: 100_000, clockMs: Self.nowMs)
    }

    @Test func `a stream that is read to its end has no remedies`() throws {
        for findings in [stream(), stream(pending: 7, oldestAgeMs: 60_000), stream(exists: false, hasStream: false)] {
            #expect(findings.allSatisfy { $0.level == .ok && $0.remedy == nil }, "\(findings)")
        }
        try expect(stream(lag: nil), "events.features.lag", .ok, "unknown, since entries were deleted; read up to 5-1")
        try expect(stream(lag: 10_000), "events.features.lag", .ok, "10000 events wait")
    }

    @Test func `events that nobody reads, or that wait, are found`() throws {
        try expect(
            stream(exists: false), "events.features", .failure, "nobody has ever read", remedy: "freshet features")
        try expect(
            stream(group: .archive, exists: false), "events.archive", .warning, "nobody has ever read",
            remedy: "freshet archive")
        try expect(
            stream(lag: 10_001), "events.features.lag", .warning, "10001 events wait", remedy: "freshet features")
        try expect(
            stream(lag: 100_001, group: .archive, partition: 3), "events.archive.3.lag", .failure,
            "100001 events wait; from 100000 on the ingest refuses", remedy: "freshet archive")
        try expect(
            stream(pending: 7, oldestAgeMs: 61_000), "events.features.pending", .warning,
            "7 events were handed out and not acknowledged, the oldest 61 s old", remedy: "it claims what others left")
        try expect(
            stream(quarantined: 2), "events.quarantine", .warning, "2 entries", remedy: "freshet quarantine")
    }

    // MARK: The whole diagnosis

    @Test func `the worst finding is the diagnosis, and text and count show each`() {
        let (ok, warning) = (Finding.ok("a.b", "fine"), Finding.warning("a.longer", "so so", "mend it"))
        let failure = Finding.failure("c", "bad", "buy another")
        #expect(Diagnosis([ok]).level == .ok)
        #expect(Diagnosis([ok, warning]).level == .warning)
        #expect(Diagnosis([failure, warning, ok]).level == .failure)
        #expect(Diagnosis([]).level == .ok)
        #expect(
            Diagnosis([ok, warning, failure]).text == """
                ok    a.b       fine
                warn  a.longer  so so
                                -> mend it
                FAIL  c         bad
                                -> buy another

                1 ok, 1 warning, 1 failure
                """)
    }
}
