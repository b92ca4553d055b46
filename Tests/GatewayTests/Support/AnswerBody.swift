// Answers as a client reads them.

import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

/// The body of an answer.
struct AnswerBody: Decodable, Equatable {
    struct Touch: Decodable, Equatable {
        let item_id: String
        let event: String
        let ts: Int64?
        let stream_id: String?
        let used: Bool?
    }
    struct Place: Decodable, Equatable {
        let item_id: String
        let place: Int
        let source: String
        let source_place: Int?
        let similarity: Float?
        let score: Float?
        let cause: Touch?
        let generation: Int?
    }
    struct Dropped: Decodable, Equatable {
        let item_id: String
        let source: String
        let source_place: Int
        let reason: String
    }
    let user_id: String?
    let generation: Int
    let blend: String
    let served_by: String
    let online_as_of: String?
    let stale: Bool
    let recommendations: [Place]
    let touched: [Touch]?
    let dropped: [Dropped]?

    var items: [String] { recommendations.map(\.item_id) }
    var sources: [String] { recommendations.map(\.source) }

    /// The body of a response that must be a success.
    init(_ response: TestResponse) throws {
        try #require(response.status == .ok, "\(response.status): \(String(buffer: response.body))")
        self = try JSONDecoder().decode(AnswerBody.self, from: Data(response.body.readableBytesView))
    }
}

/// The body of a problem.
struct ProblemBody: Decodable {
    struct FieldError: Decodable {
        let field: String
        let reason: String
    }
    let status: Int
    let detail: String
    let errors: [FieldError]?

    init(_ response: TestResponse) throws {
        #expect(response.headers[.contentType] == "application/problem+json", "\(String(buffer: response.body))")
        self = try JSONDecoder().decode(ProblemBody.self, from: Data(response.body.readableBytesView))
        #expect(status == response.status.code)
    }
}
