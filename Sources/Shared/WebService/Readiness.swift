// Whether a service can do its work, part by part, so that a 503 names what is missing.

import Hummingbird

/// One part that a service needs, and how it is.
package struct ReadinessFinding: Sendable, Equatable {
    /// The part: `redis`, `generation`, and so on.
    package let name: String
    /// Whether it is as it should be.
    package let isOK: Bool
    /// What was seen, for people.
    package let detail: String

    package init(name: String, isOK: Bool, detail: String) {
        self.name = name
        self.isOK = isOK
        self.detail = detail
    }
}

/// Asks a service's parts. It is called for each request to /readyz and must not wait long.
package typealias ReadinessCheck = @Sendable () async -> [ReadinessFinding]

/// The answer of /readyz.
enum Readiness {
    /// 200 if all is well, else 503, with the findings in both cases.
    static func response(_ findings: [ReadinessFinding]) -> Response {
        let isReady = findings.allSatisfy(\.isOK)
        var writer = JSONWriter(capacity: 64 + findings.count * 96)
        writer.object { answer in
            answer.field("ready", isReady)
            answer.key("findings")
            answer.array { list in
                for finding in findings {
                    list.object { entry in
                        entry.field("name", finding.name)
                        entry.field("ok", finding.isOK)
                        entry.field("detail", finding.detail)
                    }
                }
            }
        }
        return .json(writer, status: isReady ? .ok : .serviceUnavailable)
    }
}
