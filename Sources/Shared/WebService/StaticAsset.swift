// Files that are served as they are, out of the binary.

package import Embedded
import HTTPTypes
package import Hummingbird
import Models
package import NIOCore

/// A file that is served as it is, with a fingerprint by which a browser asks, each time, whether its copy is current: after
/// an upgrade, page and script must be of one version.
package struct StaticAsset: Sendable {
    private let body: ByteBuffer
    private let headers: HTTPFields
    private let tag: String

    /// - Parameter policy: the Content-Security-Policy; nil for none.
    package init(_ body: ByteBuffer, type: String, policy: String? = nil) {
        self.body = body
        // It tells versions apart and need not resist anybody.
        tag = "\"\(String(FNV1a.hash(body.readableBytesView), radix: 16))\""
        var fields: HTTPFields = [.contentType: type, .eTag: tag, .cacheControl: "no-cache"]
        if let policy { fields[.contentSecurityPolicy] = policy }
        headers = fields
    }

    /// A file out of the binary.
    package init(_ file: EmbeddedFile, type: String, policy: String? = nil) {
        self.init(file.withBytes { ByteBuffer(bytes: $0) }, type: type, policy: policy)
    }

    /// The file, or 304 if the client has it.
    package func response(to request: Request) -> Response {
        let known = request.headers[values: .ifNoneMatch].flatMap { $0.split(separator: ",") }.map(Self.trimmed)
        guard !known.contains(where: { $0 == tag || $0 == "*" || $0 == "W/\(tag)" }) else {
            return Response(status: .notModified, headers: headers)
        }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    private static func trimmed(_ text: Substring) -> Substring {
        text.drop { $0 == " " }.prefix { $0 != " " }
    }
}
