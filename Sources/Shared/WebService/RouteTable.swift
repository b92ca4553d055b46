// The routes as a list, for the two questions that the router does not answer: which methods a path has when the asked
// one is not among them, and whether the OpenAPI document tells the truth.

import HTTPTypes
import Hummingbird

/// Paths and their methods.
struct RouteTable: Sendable {
    /// All routes, those included that the router adds by itself.
    let routes: [(path: RouterPath, method: HTTPRequest.Method)]

    init(_ router: Router<ServiceContext>) {
        routes = router.routes.map { ($0.path, $0.method) }
    }

    /// The answer to a request that matched no route: 405 if its path has other methods, else 404.
    func problem(for request: Request) -> Problem {
        let path = request.uri.path
        let components = path.split(separator: "/")
        let methods = routes.filter { Self.matches($0.path, components) }.map(\.method)
        let shown = "\(path.prefix(200))"
        guard methods.isEmpty else {
            let allowed = Set(methods).sorted { $0.rawValue < $1.rawValue }
            let names = allowed.map(\.rawValue).joined(separator: ", ")
            return .methodNotAllowed("\(shown) has no \(request.method); it has \(names)", allowed: allowed)
        }
        return .notFound("there is no route \(request.method) \(shown); /openapi.json lists the routes")
    }

    private static func matches(_ path: RouterPath, _ components: [Substring]) -> Bool {
        path.count == components.count && zip(path, components).allSatisfy { $0 ~= $1 }
    }
}
