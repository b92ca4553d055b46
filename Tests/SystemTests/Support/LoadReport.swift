// What the tests of the load test share: its report as a script reads it, and a system that knows the invented users
// and items.

import Fixtures
import FoundationEssentials
import TestServers

/// What `freshet workload --json` writes.
struct LoadReport: Decodable {
    struct Sent: Decodable {
        let recommendations: Int
        let events: Int
        let reads_back: Int
        let unsent: Int
    }
    struct Latency: Decodable {
        let count: Int
        let min_ms: Double
        let p50_ms: Double
        let max_ms: Double
    }

    let sent: Sent
    let recommendations: Latency
    let events: Latency
    let freshness: Latency
    let lateness: Latency
    let errors: [String: Int]
    let items: [String: Int]
    let served_by: [String: Int]

    /// How many answers there were, those that showed an event included.
    var answers: Int { sent.recommendations + sent.reads_back }

    static func read(_ system: FreshetSystem, _ name: String) throws -> LoadReport {
        let data = try Data(contentsOf: URL(filePath: system.folder.appending(name)))
        return try JSONDecoder().decode(LoadReport.self, from: data)
    }
}

/// Runs `body` with the roles that serve, and lists for half of the invented users and items, so that every source has
/// something to give; `environment` leads the load test there.
func withSystemToLoad(
    _ body: (FreshetSystem, _ roles: ServingRoles, _ environment: [String: String]) async throws -> Void
) async throws {
    try await withSystem { system in
        let numbers = 1...20
        try await ReleaseFixture(
            "r-load", offline: (1...10).map { user in ("\(user)", numbers.map { "o\(user).\($0)" }) },
            similar: (1...10).map { item in ("\(item)", numbers.map { "s\(item).\($0)" }) },
            popular: numbers.map { "p\($0)" }, items: []
        ).publish(to: system.releases)
        try await system.start(.loader)
        // Features may hang for a while, and must not take their own entries for those of a dead consumer then.
        let patience = ["FEATURES_CLAIM_IDLE_MS": "60000"]
        let roles = ServingRoles(
            gateway: try await system.start(.gateway), features: try await system.start(.features, patience),
            ingest: try await system.start(.ingest))
        for process in [roles.gateway, roles.features, roles.ingest] { try await process.awaitReady() }
        try await system.load("r-load")
        try await roles.gateway.awaitReady()
        try await body(
            system, roles, ["GATEWAY_PORT": "\(roles.gateway.port)", "INGEST_PORT": "\(roles.ingest.port)"])
    }
}

/// The processes that a load test talks to, and the one that applies its events.
struct ServingRoles {
    let gateway: FreshetProcess
    let features: FreshetProcess
    let ingest: FreshetProcess
}
