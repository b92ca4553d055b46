// JSON as a response.

package import HTTPTypes
package import Hummingbird

extension Response {
    /// What the writer wrote, as `application/json`.
    package static func json(_ writer: JSONWriter, status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, headers: jsonHeaders, body: ResponseBody(byteBuffer: writer.buffer))
    }

    /// JSON without parameters, since its encoding is always UTF-8.
    private static let jsonHeaders: HTTPFields = [.contentType: "application/json"]
}
