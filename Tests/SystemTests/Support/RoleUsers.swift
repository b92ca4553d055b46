// The Redis users of redis/users.acl, with passwords that a test knows.

import FoundationEssentials
import TestServers

enum RoleUsers {
    static let names = ["ingest", "features", "archive", "loader", "trainer", "gateway", "airflow", "operator"]

    static func password(_ role: String) -> String { "password-of-\(role)" }

    /// Where a role finds the system's Redis.
    static func url(_ role: String, _ system: FreshetSystem) -> String {
        "redis://\(role):\(password(role))@127.0.0.1:\(system.redis.port)"
    }

    /// A system whose Redis knows these users and nobody else.
    static func options() throws -> SystemOptions {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "redis/users.acl").path
        var rules = try String(contentsOfFile: file, encoding: .utf8)
        for role in names { rules = rules.replacing("${\(role.uppercased())_PASSWORD}", with: password(role)) }
        var options = SystemOptions()
        options.redis.accessRules = rules.split(separator: "\n").filter { $0.hasPrefix("user ") }.map(String.init)
        options.redis.isPersistent = true
        options.user = (name: "operator", password: password("operator"))
        return options
    }

    /// What Redis has refused to anybody, in its own words.
    static func refusals(_ system: FreshetSystem) async throws -> [String] {
        try await system.redisCLI(
            "--user", "operator", "--pass", password("operator"), "--no-auth-warning", "ACL", "LOG"
        ).split(separator: "\n").map(String.init)
    }
}
