// What a client is told when a request cannot be served: RFC 9457 problem details. Everything that a route throws ends
// as one of these, so a role throws a Problem wherever it knows what is wrong.

package import HTTPTypes
package import Hummingbird
import NIOCore

/// A failed request, in words its sender can act on; sent as `application/problem+json`.
package struct Problem: HTTPResponseError, Sendable, Equatable, CustomStringConvertible {
    /// One thing that is wrong within a request that may hold several.
    package struct FieldError: Sendable, Equatable {
        /// The field or parameter.
        package let field: String
        /// What is wrong with it and what would be right.
        package let reason: String
        /// Which element of an array or which line of NDJSON, counting from 0; nil if the request is one thing.
        package let index: Int?

        package init(field: String, reason: String, index: Int? = nil) {
            self.field = field
            self.reason = reason
            self.index = index
        }
    }

    /// The response's status.
    package let status: HTTPResponse.Status
    /// What happened and what to do.
    package let detail: String
    /// The single faults, where there are such.
    package let errors: [FieldError]
    /// Headers that the status asks for, such as `Retry-After`.
    package let headers: HTTPFields

    package init(
        _ status: HTTPResponse.Status, _ detail: String, errors: [FieldError] = [], headers: HTTPFields = [:]
    ) {
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = headers
    }

    package var description: String { "\(status.code) \(status.reasonPhrase): \(detail)" }

    /// The problem as a response of its own; ``ServiceResponder`` adds what all responses have.
    package var response: Response {
        Response(status: status, headers: fields, body: ResponseBody(byteBuffer: body))
    }

    /// The headers of the response, without those that follow from its body.
    var fields: HTTPFields {
        var fields = headers
        fields[.contentType] = "application/problem+json"
        return fields
    }

    /// The body of the response.
    var body: ByteBuffer {
        var writer = JSONWriter(capacity: 192 + detail.utf8.count + errors.count * 96)
        writer.object { problem in
            problem.field("type", "about:blank")
            problem.field("title", status.reasonPhrase)
            problem.field("status", status.code)
            problem.field("detail", detail)
            if !errors.isEmpty {
                problem.key("errors")
                problem.array { list in
                    for error in errors {
                        list.object { entry in
                            entry.field("field", error.field)
                            entry.field("reason", error.reason)
                            if let index = error.index { entry.field("index", index) }
                        }
                    }
                }
            }
        }
        return writer.buffer
    }

    package func response(from request: Request, context: some RequestContext) -> Response { response }
}

extension Problem {
    /// 400: the request as a whole makes no sense.
    package static func badRequest(_ detail: String, errors: [FieldError] = []) -> Problem {
        Problem(.badRequest, detail, errors: errors)
    }

    /// 400: one named parameter or field is wrong.
    package static func invalid(_ field: String, _ reason: String) -> Problem {
        Problem(.badRequest, "\(field) \(reason)", errors: [FieldError(field: field, reason: reason)])
    }

    /// 401: there is no bearer token, or it is not the right one.
    package static func unauthorized(_ detail: String) -> Problem {
        Problem(.unauthorized, detail, headers: [.wwwAuthenticate: "Bearer"])
    }

    /// 403: the caller is known and may not do this.
    package static func forbidden(_ detail: String) -> Problem { Problem(.forbidden, detail) }

    /// 404: the thing that the path names does not exist.
    package static func notFound(_ detail: String) -> Problem { Problem(.notFound, detail) }

    /// 405: the path exists, but not for this method; `allowed` are the methods that it has.
    package static func methodNotAllowed(_ detail: String, allowed: [HTTPRequest.Method]) -> Problem {
        Problem(.methodNotAllowed, detail, headers: [.allow: allowed.map(\.rawValue).joined(separator: ", ")])
    }

    /// 409: what the request asks for contradicts the present state.
    package static func conflict(_ detail: String) -> Problem { Problem(.conflict, detail) }

    /// 413: the body is larger than this service takes. The connection ends with the answer, since the rest of the
    /// body would have to be read to find the next request.
    package static func payloadTooLarge(bytesMax: Int) -> Problem {
        Problem(
            .contentTooLarge, "the body is larger than \(bytesMax) bytes; send it in smaller parts",
            headers: [.connection: "close"])
    }

    /// 414: the path and query are longer than this service takes.
    package static func uriTooLong(bytesMax: Int) -> Problem {
        Problem(.uriTooLong, "the path and query are longer than \(bytesMax) bytes; send long lists in a POST body")
    }

    /// 415: the body is not in a form that the route reads.
    package static func unsupportedMediaType(_ detail: String) -> Problem { Problem(.unsupportedMediaType, detail) }

    /// 429: the caller is to wait.
    package static func tooManyRequests(_ detail: String, retryAfterSeconds: Int) -> Problem {
        Problem(.tooManyRequests, detail, headers: [.retryAfter: String(retryAfterSeconds)])
    }

    /// 503: something that the request needs is away for now.
    package static func serviceUnavailable(_ detail: String, retryAfterSeconds: Int? = nil) -> Problem {
        guard let retryAfterSeconds else { return Problem(.serviceUnavailable, detail) }
        return Problem(.serviceUnavailable, detail, headers: [.retryAfter: String(retryAfterSeconds)])
    }
}
