// JSON as a response.

package import HTTPTypes
package import Hummingbird
import NIOCore

extension Response {
    /// What the writer wrote, as `application/json`.
    package static func json(_ writer: JSONWriter, status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, headers: jsonHeaders, body: ResponseBody(byteBuffer: writer.buffer))
    }

    /// JSON that an encoder made.
    package static func json(_ bytes: [UInt8]) -> Response {
        Response(status: .ok, headers: jsonHeaders, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// JSON without parameters, since its encoding is always UTF-8.
    private static let jsonHeaders: HTTPFields = [.contentType: "application/json"]
}
