// Swagger UI at /docs, out of the binary: no other host is asked for anything, so it works where there is no internet.
// All addresses are relative, so it also works behind a proxy that adds a prefix.

import Embedded
import HTTPTypes
import Hummingbird
import NIOCore

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
