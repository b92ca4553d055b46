// Requests to other servers than S3 over the same transport: unsigned, one attempt each, answers read whole and bounded.
// Whoever uses it says what a status means and whether to try again.

/// How patient a client is. Times are milliseconds, sizes bytes.
package struct PlainHTTPLimits: Sendable, Hashable {
    /// Time for name look-up, TCP and TLS.
    package var connectTimeoutMs = 3_000
    /// A transfer in which no byte moved for this long has failed.
    package var stallTimeoutMs = 10_000
    /// Bound for a whole request, unless it says otherwise.
    package var requestTimeoutMs = 20_000
    /// The longest answer that is read.
    package var answerBytesMax = 4 * 1024 * 1024
    /// Connections open at once.
    package var connectionsMax = 4

    package init() {}
}

/// A complete answer, whatever its status.
package struct PlainHTTPAnswer: Sendable {
    package let status: Int
    /// Names in lower case; of repeated headers the last one.
    package let headers: [String: String]
    package let body: [UInt8]
}

/// Why there is no complete answer.
package struct PlainHTTPFailure: Error, Sendable, CustomStringConvertible {
    package let description: String
    /// False when trying again cannot help: a bad certificate, a URL that does not parse.
    package let isRetriable: Bool
}

/// Sends requests; redirects are not followed, they are answers like others.
package final class PlainHTTPClient: Sendable {
    /// The methods that there are.
    package enum Method: String, Sendable {
        case get = "GET"
        case put = "PUT"
        case post = "POST"
        case delete = "DELETE"
    }

    private let limits: PlainHTTPLimits
    private let engine: CurlEngine

    /// - Parameter authorityFile: a PEM file with the authorities to trust instead of the system's.
    /// - Throws: ``PlainHTTPFailure`` if libcurl cannot be initialised.
    package init(limits: PlainHTTPLimits = PlainHTTPLimits(), authorityFile: String? = nil) throws(PlainHTTPFailure) {
        self.limits = limits
        do {
            engine = try CurlEngine(
                options: CurlOptions(
                    connectTimeoutMs: limits.connectTimeoutMs, stallTimeoutMs: limits.stallTimeoutMs,
                    connectionsMax: limits.connectionsMax, authorityFile: authorityFile))
        } catch { throw PlainHTTPFailure(description: error.message, isRetriable: false) }
    }

    /// A client that is forgotten ends its thread.
    deinit { engine.requestClose() }

    /// Sends a request and reads its answer.
    ///
    /// - Parameters:
    ///   - url: taken literally, encoded by the caller.
    ///   - headers: as they go over the wire.
    ///   - timeoutMs: bound for the whole request; nil for the client's own.
    /// - Throws: ``PlainHTTPFailure``, or `CancellationError`.
    package func send(
        _ method: Method, _ url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
        timeoutMs: Int? = nil
    ) async throws -> PlainHTTPAnswer {
        let verb: HTTPRequest.Method =
            switch method {
            case .get: .get
            case .put: .put
            case .post: .post
            case .delete: .delete
            }
        do {
            let exchange = try engine.open(
                HTTPRequest(
                    method: verb, url: url, headers: headers, body: body,
                    timeoutMs: timeoutMs ?? limits.requestTimeoutMs))
            let head = try await exchange.head()
            var body: [UInt8] = []
            while let bytes = try await exchange.bytes() {
                body += bytes
                // Leaving drops the exchange, which ends the transfer.
                guard body.count <= limits.answerBytesMax else {
                    throw PlainHTTPFailure(
                        description: "the answer is longer than \(limits.answerBytesMax) bytes", isRetriable: true)
                }
            }
            return PlainHTTPAnswer(status: head.status, headers: head.headers, body: body)
        } catch let failure as TransportFailure {
            throw PlainHTTPFailure(description: failure.description, isRetriable: failure.isRetriable)
        } catch let error as ObjectStoreError {
            throw PlainHTTPFailure(description: error.message, isRetriable: false)
        }
    }
}
