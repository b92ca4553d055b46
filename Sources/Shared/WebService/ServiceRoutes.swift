// The routes that every service has: health, readiness, its OpenAPI document and the page that shows it.

package import Embedded
import HTTPTypes
package import Hummingbird
import NIOCore

/// Adds the common routes to a service's router.
package struct ServiceRoutes: Sendable {
    private let title: String
    private let openAPI: EmbeddedFile
    private let readiness: ReadinessCheck

    /// - Parameters:
    ///   - title: what the documentation page is called; plain text without HTML's special characters.
    ///   - openAPI: the service's document.
    ///   - readiness: what /readyz asks.
    package init(title: String, openAPI: EmbeddedFile, readiness: @escaping ReadinessCheck) {
        self.title = title
        self.openAPI = openAPI
        self.readiness = readiness
    }

    /// Adds `GET /healthz`, `/readyz`, `/openapi.json`, `/docs` and `/docs/{asset}`.
    package func add(to router: Router<ServiceContext>) {
        router.get("/healthz") { _, _ in
            var writer = JSONWriter(capacity: 16)
            writer.object { $0.field("status", "ok") }
            return Response.json(writer)
        }
        let readiness = readiness
        router.get("/readyz") { _, _ in Readiness.response(await readiness()) }
        let document = StaticAsset(openAPI, type: "application/json")
        router.get("/openapi.json") { request, _ in document.response(to: request) }
        let page = Documentation.page(title: title)
        router.get("/docs") { request, _ in
            // The page's addresses are relative to /docs, so /docs/ would not find them.
            guard !request.uri.path.hasSuffix("/") else { return Response.redirect(to: "../docs", type: .permanent) }
            return page.response(to: request)
        }
        router.get("/docs/:asset") { request, context in
            let name = try context.pathParameter("asset")
            guard let asset = Documentation.assets[name] else {
                throw Problem.notFound("the documentation has no file of this name; /docs is its page")
            }
            return asset.response(to: request)
        }
    }
}
