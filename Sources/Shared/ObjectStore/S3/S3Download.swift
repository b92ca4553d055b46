// A streamed read that survives cut connections: it asks for the rest, from the first byte it does not have,
// and only of the very same object.

import Synchronization

/// One object's bytes on their way.
final class S3Download: Sendable {
    private struct State {
        /// Nil when the connection was lost and the rest has to be asked for again.
        var exchange: HTTPExchange?
        /// The next byte's place in the object.
        var position: Int
        var failureCount = 0
        /// Where the count of failures began.
        var progressMark: Int
    }

    /// Attempts count anew after this much progress, so a long download over a poor line still ends.
    private static let progressBytes = 1024 * 1024

    let info: ObjectInfo
    private let client: S3Client
    private let call: S3Call
    private let end: Int
    private let state: Mutex<State>

    /// Sends the request; returns with the answer's head.
    init(client: S3Client, objectName: String, key: String, range: Range<Int>?) async throws {
        let call = S3Call(method: .get, objectName: objectName, key: key)
        var first = call
        if let range {
            first.headers = [(name: "Range", value: "bytes=\(range.lowerBound)-\(range.upperBound - 1)")]
        }
        let (head, exchange) = try await client.open(first)
        let extent = try Self.extent(head, isRangeExpected: range != nil, key: key)
        info = S3ObjectStore.info(head, key: key, size: extent.size)
        self.client = client
        self.call = call
        end = extent.range.upperBound
        state = Mutex(
            State(exchange: exchange, position: extent.range.lowerBound, progressMark: extent.range.lowerBound))
        guard extent.range.lowerBound == range?.lowerBound ?? 0 else {
            throw ObjectStoreError(.corrupted, "S3 answered with another range than asked for", key: key)
        }
    }

    /// The next bytes, nil when all have been given.
    func next() async throws -> [UInt8]? {
        while true {
            do {
                let exchange = try await currentExchange()
                let bytes = try await exchange.bytes()
                guard let bytes else { return try finish() }
                try advance(bytes.count)
                return bytes
            } catch {
                try await prepareRetry(after: S3Client.translate(error, key: call.key))
            }
        }
    }

    private func currentExchange() async throws -> HTTPExchange {
        let (exchange, position) = state.withLock { ($0.exchange, $0.position) }
        if let exchange { return exchange }
        var rest = call
        rest.headers = [(name: "Range", value: "bytes=\(position)-\(end - 1)")]
        if !info.etag.isEmpty { rest.headers.append((name: "If-Match", value: "\"\(info.etag)\"")) }
        let (head, fresh) = try await client.open(rest)
        let extent = try Self.extent(head, isRangeExpected: true, key: call.key)
        let isSame = S3ObjectStore.info(head, key: call.key, size: extent.size) == info
        guard isSame, extent.range == position..<end else {
            throw ObjectStoreError(.conflict, "the object was replaced while it was read", key: call.key)
        }
        state.withLock { $0.exchange = fresh }
        return fresh
    }

    private func advance(_ count: Int) throws {
        let isTooLong = state.withLock { state in
            state.position += count
            if state.position - state.progressMark >= Self.progressBytes {
                state.progressMark = state.position
                state.failureCount = 0
            }
            return state.position > end
        }
        if isTooLong { throw ObjectStoreError(.corrupted, "S3 sent more bytes than it announced", key: call.key) }
    }

    private func finish() throws -> [UInt8]? {
        guard state.withLock({ $0.position == end }) else {
            throw TransportFailure(description: "the answer ended early", isRetriable: true)
        }
        return nil
    }

    /// Waits before the rest is asked for; rethrows what cannot be helped.
    private func prepareRetry(after error: any Error) async throws {
        guard let error = error as? ObjectStoreError, error.isRetriable else { throw error }
        let failureCount = state.withLock { state in
            state.exchange = nil
            state.failureCount += 1
            return state.failureCount
        }
        guard failureCount < client.limits.attemptsMax else { throw error }
        try await client.pause(beforeRetry: failureCount, after: error)
    }

    /// Which bytes an answer carries, and of how many.
    private static func extent(
        _ head: HTTPHead, isRangeExpected: Bool, key: String
    ) throws(ObjectStoreError) -> (range: Range<Int>, size: Int) {
        guard isRangeExpected else {
            guard let size = head.headers["content-length"].flatMap({ Int($0) }), size >= 0 else {
                throw ObjectStoreError(.corrupted, "S3 did not say how long the object is", key: key)
            }
            return (0..<size, size)
        }
        // Content-Range: bytes 0-9/1000
        let fields = (head.headers["content-range"] ?? "").split(whereSeparator: { " -/".contains($0) })
        guard head.status == 206, fields.count == 4, fields[0] == "bytes", let first = Int(fields[1]),
            let last = Int(fields[2]), let size = Int(fields[3]), first <= last, last < size
        else { throw ObjectStoreError(.rejected, "the server does not answer ranged requests", key: key) }
        return (first..<last + 1, size)
    }
}
