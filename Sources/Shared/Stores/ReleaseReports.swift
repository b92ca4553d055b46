// What releases would change, or have changed, and what was decided about them.

import FoundationEssentials
package import Models
import NIOCore
import Redis

/// Reads and writes the reports of releases.
package struct ReleaseReports: Sendable {
    /// Reports that are kept; the oldest go first.
    package static let countMax = 50

    private let client: RedisClient

    init(client: RedisClient) { self.client = client }

    /// Keeps a report in place of an older one of the same release.
    package func save(_ report: ReleaseReport) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let bytes = Array(try encoder.encode(report))
        try await StoreError.mapping {
            _ = try await client.send(HSET(Keys.releasesReports, [(field: report.new.release, value: .bytes(bytes))]))
        }
        let old = try await all().dropLast(Self.countMax).map(\.new.release)
        guard !old.isEmpty else { return }
        try await StoreError.mapping { _ = try await client.send(HDEL(Keys.releasesReports, old)) }
    }

    /// The report of a release; nil if it has none, or one that this build cannot read.
    package func report(of release: String) async throws -> ReleaseReport? {
        try await StoreError.mapping {
            try await client.send(HGET(Keys.releasesReports, release)).flatMap(Self.read)
        }
    }

    /// All reports, the one decided last at the end.
    package func all() async throws -> [ReleaseReport] {
        try await StoreError.mapping {
            try await client.send(HGETALL(Keys.releasesReports)).compactMap { Self.read($0.value) }
                .sorted { ($0.decidedAtMs, $0.new.generation) < ($1.decidedAtMs, $1.new.generation) }
        }
    }

    /// Notes another decision in a report, if there is one.
    package func note(
        _ decision: ReleaseReport.Decision, of release: String, by: String?, reason: String? = nil, nowMs: Int64
    ) async throws {
        guard var report = try await report(of: release) else { return }
        report.decision = decision
        report.decidedBy = by
        report.decidedAtMs = nowMs
        if let reason { report.reasons.append(reason) }
        try await save(report)
    }

    private static func read(_ bytes: ByteBuffer) -> ReleaseReport? {
        try? JSONDecoder().decode(ReleaseReport.self, from: Data(bytes.readableBytesView))
    }
}
