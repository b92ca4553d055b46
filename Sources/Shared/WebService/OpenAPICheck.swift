// Holds an OpenAPI document against the routes that are really served, in both directions. For tests.

package import Embedded
package import Hummingbird

/// Compares a service's routes with its OpenAPI document.
package enum OpenAPICheck {
    /// Routes that no document lists: the documentation itself.
    private static let undocumented: Set<String> = ["GET /docs", "GET /docs/{asset}"]
    private static let methods: Set<String> = ["get", "put", "post", "delete", "options", "patch", "trace"]

    private struct Document: Decodable {
        let paths: [String: [String: JSONValue]]
    }

    /// One sentence for each difference; empty if router and document agree. HEAD routes are not compared, since each
    /// follows from its GET.
    /// - Throws: ``Problem`` if the document is not JSON or has no paths.
    package static func differences(
        between router: Router<ServiceContext>, and file: EmbeddedFile
    ) throws(Problem) -> [String] {
        let document = try JSONReader.decode(Document.self, from: file.bytes)
        let documented = Set(
            document.paths.flatMap { path, item in
                item.keys.filter(methods.contains).map { "\($0.uppercased()) \(path)" }
            })
        let served = Set(router.routes.filter { $0.method != .head }.map { "\($0.method) \($0.path)" })
            .subtracting(undocumented)
        return served.subtracting(documented).sorted().map { "\($0) is served but not in \(file.rawValue)" }
            + documented.subtracting(served).sorted().map { "\($0) is in \(file.rawValue) but not served" }
    }
}
