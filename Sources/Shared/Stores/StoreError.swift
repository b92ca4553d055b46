// What a role sees when a store fails. Roles know neither Redis nor S3, so neither do their errors.

import ObjectStore
import Redis
package import Telemetry

/// A store's failure, in terms a role can act on.
package struct StoreError: KindOfError, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    package enum Code: String, Sendable {
        /// The store cannot be reached or did not answer in time.
        case unavailable
        /// The store's memory or disk is full.
        case full
        /// The store says no: credentials, permissions or configuration are wrong.
        case refused
        /// There is no such thing.
        case notFound
        /// What was read is not what its checksum or its form promise.
        case corrupted
        /// The request cannot be carried out in the present state.
        case conflict
    }

    /// The kind of failure.
    package let code: Code
    /// What happened and what to do about it.
    package let message: String
    /// Whether a later attempt may succeed and does no harm.
    package let isRetriable: Bool

    package init(_ code: Code, _ message: String, isRetriable: Bool = false) {
        self.code = code
        self.message = message
        self.isRetriable = isRetriable
    }

    package var description: String { message }

    /// What it counts as.
    package var errorKind: ErrorKind {
        switch code {
        case .unavailable: .unavailable
        case .full: .full
        case .refused: .refused
        case .notFound: .notFound
        case .corrupted: .corrupted
        case .conflict: .conflict
        }
    }

    init(_ error: RedisError) {
        let code: Code =
            switch error.code {
            case .outOfMemory: .full
            case .notAuthenticated, .wrongPassword, .noPermission, .invalidConfiguration: .refused
            case .wrongType, .unexpectedReply: .corrupted
            case .serverRefused, .noGroup, .busyGroup: .conflict
            default: .unavailable
            }
        self.init(code, error.description, isRetriable: error.isRetriable)
    }

    init(_ error: ObjectStoreError) {
        let code: Code =
            switch error.kind {
            case .notFound: .notFound
            case .accessDenied, .badBucket, .configuration, .invalidKey, .rejected: .refused
            case .corrupted, .tooLarge, .invalidRange: .corrupted
            case .conflict: .conflict
            case .fileSystem: .full
            case .throttled, .network, .server, .closed: .unavailable
            }
        self.init(code, error.description, isRetriable: error.isRetriable)
    }

    /// Any error of the stores below, as a store error; cancellation and foreign errors stay what they are.
    static func mapped(_ error: any Error) -> any Error {
        switch error {
        case let error as RedisError: error.code == .cancelled ? CancellationError() : StoreError(error)
        case let error as ObjectStoreError: StoreError(error)
        case let error as GzipError: StoreError(.corrupted, error.description)
        default: error
        }
    }

    /// Runs `body` and maps what it throws.
    static func mapping<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch { throw mapped(error) }
    }
}
