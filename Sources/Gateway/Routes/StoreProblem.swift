// What a client is told when a store fails behind a route that has no ladder to fall back on.

import Stores
import WebService

extension Problem {
    /// A store's failure in terms of HTTP.
    init(_ error: StoreError) {
        switch error.code {
        case .unavailable: self = .serviceUnavailable("Redis does not answer: \(error.message)", retryAfterSeconds: 1)
        case .full: self = .serviceUnavailable(error.message, retryAfterSeconds: 30)
        case .refused, .corrupted: self = .serviceUnavailable(error.message)
        case .notFound: self = .notFound(error.message)
        case .conflict: self = .conflict(error.message)
        }
    }

    /// Runs `body`; a store's failure leaves it as a problem.
    static func mapping<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch let error as StoreError { throw Problem(error) }
    }
}
