// What the gateway answers, as a client reads it.

import FoundationEssentials
import Testing
import WebClient

/// The answer of GET /v1/recommendations/{user_id}.
struct RecommendationAnswer: Decodable, Sendable {
    struct Place: Decodable, Sendable {
        struct Cause: Decodable, Sendable {
            let item_id: String
            let event: String
        }
        let item_id: String
        let place: Int
        let source: String
        let cause: Cause?
    }

    let generation: Int
    let served_by: String
    let online_as_of: String?
    let stale: Bool
    let recommendations: [Place]

    var items: [String] { recommendations.map(\.item_id) }
    var sources: [String] { recommendations.map(\.source) }
    /// What the items' names begin with: the tag of the release that they come from.
    var tags: Set<String> { Set(items.map { String($0.prefix { $0 != "." }) }) }
}

/// The answer of POST /v1/events.
struct IngestAnswer: Decodable, Sendable {
    let ids: [String?]
}

/// An error, RFC 9457.
struct ProblemAnswer: Decodable, Sendable {
    let status: Int
    let title: String
    let detail: String?
}

extension HTTPAnswer {
    /// Whether this is an error as all services write them, with a reason.
    func isProblem(_ status: Int) -> Bool {
        guard self.status == status, header("content-type")?.hasPrefix("application/problem+json") == true,
            let problem = try? decode(ProblemAnswer.self)
        else { return false }
        return problem.status == status && problem.detail?.isEmpty == false
    }

    /// The recommendations in a good answer.
    func recommendations() throws -> RecommendationAnswer {
        try #require(status == 200, "\(text)")
        return try decode()
    }
}
