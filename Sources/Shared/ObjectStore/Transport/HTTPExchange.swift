// One HTTP request and its answer as the object store sees them: values, and an exchange that hands the answer
// over piece by piece. Nothing here knows libcurl.

/// A request, ready to send. Text is taken literally: path and query are encoded by whoever made it.
struct HTTPRequest: Sendable {
    enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case put = "PUT"
        case post = "POST"
        case delete = "DELETE"
    }

    var method: Method
    var url: String
    var headers: [(name: String, value: String)]
    /// Sent with its length; nil sends none.
    var body: [UInt8]?
    /// Bound for the whole exchange; nil leaves only the stall timeout.
    var timeoutMs: Int?
}

/// The first part of an answer.
struct HTTPHead: Sendable {
    let status: Int
    /// Names in lower case; of repeated headers the last one.
    let headers: [String: String]
}

/// Why an exchange ended without a complete answer.
struct TransportFailure: Error, Sendable, CustomStringConvertible {
    let description: String
    /// False when trying again cannot help: a bad certificate, a URL that does not parse.
    let isRetriable: Bool
}

/// A started request. The head comes first, then the body; dropping the exchange ends the transfer.
final class HTTPExchange: Sendable {
    private let transferID: UInt64
    private let inbox: TransferInbox
    private let engine: CurlEngine

    init(transferID: UInt64, inbox: TransferInbox, engine: CurlEngine) {
        self.transferID = transferID
        self.inbox = inbox
        self.engine = engine
    }

    deinit {
        if !inbox.isComplete { engine.cancel(transferID) }
    }

    /// The answer's head; to be called once, before the body.
    func head() async throws -> HTTPHead {
        switch try await next() {
        case .head(let head): return head
        case .bytes, nil: throw TransportFailure(description: "the answer has no head", isRetriable: true)
        }
    }

    /// The next bytes of the body, nil at its end.
    func bytes() async throws -> [UInt8]? {
        switch try await next() {
        case .bytes(let bytes): bytes
        case .head: throw TransportFailure(description: "the answer has two heads", isRetriable: true)
        case nil: nil
        }
    }

    private func next() async throws -> TransferInbox.Event? {
        try Task.checkCancellation()
        let event = try await withTaskCancellationHandler {
            try await inbox.next()
        } onCancel: {
            inbox.finish(throwing: CancellationError())
            engine.cancel(transferID)
        }
        if event.wasPaused { engine.resume(transferID) }
        return event.value
    }
}
