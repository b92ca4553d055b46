// A request and its answer, as values.

package import NIOCore
package import NIOHTTP1

/// What is asked.
package struct WebRequest: Sendable {
    /// GET, POST and so on.
    package var method: HTTPMethod
    /// The path with its query, percent-encoded.
    package var path: String
    /// Headers besides Host and Content-Length, which are added.
    package var headers: [(String, String)]
    /// The whole body; nil for a request without one.
    package var body: ByteBuffer?

    package init(
        _ method: HTTPMethod, _ path: String, headers: [(String, String)] = [], body: ByteBuffer? = nil
    ) {
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
    }

    /// A GET.
    package static func get(_ path: String) -> WebRequest { WebRequest(.GET, path) }

    /// A POST with a body.
    package static func post(_ path: String, type: String = "application/json", body: ByteBuffer) -> WebRequest {
        WebRequest(.POST, path, headers: [("Content-Type", type)], body: body)
    }
}

/// What is answered, with its whole body.
package struct WebAnswer: Sendable {
    /// The status code.
    package let status: Int
    /// The headers.
    package let headers: HTTPHeaders
    /// The body.
    package let body: ByteBuffer

    /// The body as text.
    package var text: String { String(buffer: body) }

    /// The first value of a header.
    package func header(_ name: String) -> String? { headers.first(name: name) }
}

/// A request on its way through a connection, and who waits for its answer.
struct WebExchange: Sendable {
    let request: WebRequest
    let timeout: TimeAmount
    let answer: EventLoopPromise<WebAnswer>
}
