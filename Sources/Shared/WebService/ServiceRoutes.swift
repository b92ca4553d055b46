// The routes that every service has: health, readiness, metrics, its OpenAPI document and the page that shows it.

package import Embedded
import HTTPTypes
package import Hummingbird

/// Adds the common routes to a service's router.
package struct ServiceRoutes: Sendable {
    private let title: String
    private let openAPI: EmbeddedFile
    private let monitoring: MonitoringRoutes

    /// - Parameters:
    ///   - title: what the documentation page is called; plain text without HTML's special characters.
    ///   - openAPI: the service's document.
    ///   - telemetry: what /metrics shows.
    ///   - readiness: what /readyz asks.
    package init(
        title: String, openAPI: EmbeddedFile, telemetry: ServiceTelemetry, readiness: @escaping ReadinessCheck
    ) {
        self.title = title
        self.openAPI = openAPI
        monitoring = MonitoringRoutes(telemetry: telemetry, readiness: readiness)
    }

    /// Adds `GET /healthz`, `/readyz`, `/metrics`, `/openapi.json`, `/docs` and `/docs/{asset}`.
    package func add(to router: Router<ServiceContext>) {
        monitoring.add(to: router)
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
