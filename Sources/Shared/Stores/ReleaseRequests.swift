// Which release should be live, and what became of it: the truth behind the channel `releases`.

import NIOCore
package import Redis

/// What the loader did about the latest request.
package struct ReleaseOutcome: Sendable, Hashable {
    /// The request as it stood in `releases:latest`.
    package let request: String
    /// `loaded`, `waiting` for a person, or `refused`.
    package let state: String
    /// The generation, if one was loaded or waits.
    package let generation: Int?
    /// Why it was refused, or waits.
    package let reason: String?

    package init(request: String, state: String, generation: Int?, reason: String?) {
        self.request = request
        self.state = state
        self.generation = generation
        self.reason = reason
    }
}

/// Asks for releases to be loaded. A request is a release's name, or ``newest``, and a token behind a space if the same release is to be
/// loaded again.
package struct ReleaseRequests: Sendable {
    /// Stands for whatever release is the newest in the object store when the loader takes the request up.
    package static let newest = "newest"
    /// How a request's token begins that a person sends past the gate.
    package static let ungatedToken = "ungated"

    private let client: RedisClient

    package init(client: RedisClient) { self.client = client }

    /// The latest request; nil if there never was one.
    package func latest() async throws -> String? {
        try await StoreError.mapping {
            try await client.send(GET(Keys.releasesLatest)).map { String(buffer: $0) }
        }
    }

    /// Asks for a release and rings the bell; the request to wait for.
    /// - Parameter token: Anything that was not used before, to have a release loaded that is loaded already.
    @discardableResult
    package func request(_ release: String, token: String? = nil) async throws -> String {
        let request = token.map { "\(release) \($0)" } ?? release
        try await StoreError.mapping {
            _ = try await client.send(SET(Keys.releasesLatest, .string(request)))
            _ = try await client.send(PUBLISH(Channels.releases, .string(request)))
        }
        return request
    }

    /// What became of the request that was handled last; nil before the first.
    package func outcome() async throws -> ReleaseOutcome? {
        try await StoreError.mapping {
            let pairs = try await client.send(HGETALL(Keys.releasesHandled))
            let fields = Dictionary(
                pairs.map { (String(buffer: $0.field), String(buffer: $0.value)) }
            ) { first, _ in first }
            guard let request = fields["request"], let state = fields["state"] else { return nil }
            return ReleaseOutcome(
                request: request, state: state, generation: fields["generation"].flatMap { Int($0) },
                reason: fields["reason"].flatMap { $0.isEmpty ? nil : $0 })
        }
    }

    /// Records what became of a request.
    package func record(_ outcome: ReleaseOutcome, nowMs: Int64) async throws {
        let fields: [(field: String, value: RedisArgument)] = [
            (field: "request", value: .string(outcome.request)), (field: "state", value: .string(outcome.state)),
            (field: "generation", value: .string(outcome.generation.map(String.init) ?? "")),
            (field: "reason", value: .string(outcome.reason ?? "")),
            (field: "at_ms", value: .string(String(nowMs))),
        ]
        try await StoreError.mapping {
            _ = try await client.send(HSET(Keys.releasesHandled, fields))
            // The same words may be a new request later.
            if let generation = outcome.generation {
                _ = try await client.send(HDEL(Keys.meta(generation), ["request"]))
            }
            _ = try await client.send(PUBLISH(Channels.releases, .string("\(outcome.request) \(outcome.state)")))
        }
    }
}
