// Swagger UI at /docs, out of the binary: no other host is asked for anything, so it works where there is no internet.
// All addresses are relative, so it also works behind a proxy that adds a prefix.

import Embedded
import HTTPTypes
import Hummingbird
import NIOCore

/// A file that is served as it is, with a fingerprint by which a browser asks whether its copy is current.
struct StaticAsset: Sendable {
    private let body: ByteBuffer
    private let headers: HTTPFields
    private let tag: String

    init(_ body: ByteBuffer, type: String, policy: String? = nil) {
        self.body = body
        tag = "\"\(String(Self.fingerprint(body.readableBytesView), radix: 16))\""
        var fields: HTTPFields = [.contentType: type, .eTag: tag, .cacheControl: "public, max-age=3600"]
        if let policy { fields[.contentSecurityPolicy] = policy }
        headers = fields
    }

    init(_ file: EmbeddedFile, type: String) {
        self.init(file.withBytes { ByteBuffer(bytes: $0) }, type: type)
    }

    /// The file, or 304 if the client has it.
    func response(to request: Request) -> Response {
        let known = request.headers[values: .ifNoneMatch].contains { $0 == tag || $0 == "*" || $0 == "W/\(tag)" }
        guard !known else { return Response(status: .notModified, headers: headers) }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    /// FNV-1a, 64 bits: it tells versions apart and need not resist anybody.
    private static func fingerprint(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}

/// The documentation page and what it consists of.
enum Documentation {
    /// The page's parts by file name; made once, shared by all services of the process.
    static let assets: [String: StaticAsset] = [
        "swagger-ui.css": StaticAsset(.swaggerStyle, type: "text/css; charset=utf-8"),
        "swagger-ui-bundle.js": StaticAsset(.swaggerScript, type: "text/javascript; charset=utf-8"),
        "favicon-32x32.png": StaticAsset(.swaggerIcon, type: "image/png"),
        "start.js": StaticAsset(ByteBuffer(string: start), type: "text/javascript; charset=utf-8"),
    ]

    /// The page itself.
    static func page(title: String) -> StaticAsset {
        StaticAsset(ByteBuffer(string: html(title: title)), type: "text/html; charset=utf-8", policy: policy)
    }

    /// Nothing from elsewhere and no inline script; Swagger UI sets styles inline and draws its icons from data URLs.
    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
        connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'
        """

    private static func html(title: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <title>\(title)</title>
          <link rel="icon" type="image/png" href="docs/favicon-32x32.png">
          <link rel="stylesheet" href="docs/swagger-ui.css">
        </head>
        <body>
          <div id="swagger-ui"></div>
          <script src="docs/swagger-ui-bundle.js"></script>
          <script src="docs/start.js"></script>
        </body>
        </html>

        """
    }

    /// A file of its own, since the page's policy allows no inline script.
    private static let start = """
        SwaggerUIBundle({
          url: "openapi.json",
          dom_id: "#swagger-ui",
          presets: [SwaggerUIBundle.presets.apis],
          deepLinking: true,
          tryItOutEnabled: true,
          validatorUrl: null,
        });

        """
}
