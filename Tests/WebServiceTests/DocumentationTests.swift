// The documentation page works from the binary alone.

import Embedded
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import WebService

@Suite struct DocumentationTests {
    private func get(_ uri: String, headers: HTTPFields = [:]) async throws -> TestResponse {
        try await SampleService.application().test(.router) { client in
            try await client.execute(uri: uri, method: .get, headers: headers) { $0 }
        }
    }

    @Test func `every address in the page is served and nothing comes from elsewhere`() async throws {
        let page = try await get("/docs")
        let html = String(buffer: page.body)
        #expect(html.contains(#"<meta charset="utf-8">"#))
        #expect(!html.contains("//"))
        let policy = try #require(page.headers[.contentSecurityPolicy])
        #expect(policy.contains("default-src 'none'"))
        #expect(policy.contains("script-src 'self';"))
        let addresses = html.matches(of: /(?:src|href)="([^"]+)"/).map { String($0.1) }
        #expect(addresses.count == 4)
        for address in addresses {
            let asset = try await get("/\(address)")
            #expect(asset.status == .ok)
            #expect(asset.body.readableBytes > 100)
        }
        #expect(String(buffer: try await get("/docs/start.js").body).contains(#"url: "openapi.json""#))
    }

    @Test(arguments: ["/docs", "/docs/swagger-ui-bundle.js", "/openapi.json"])
    func `a browser that has the file is told so`(uri: String) async throws {
        let first = try await get(uri)
        let tag = try #require(first.headers[.eTag])
        // The browser asks before each use, so that it never shows one version's page with another's script.
        #expect(first.headers[.cacheControl] == "no-cache")
        for known in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
            let second = try await get(uri, headers: [.ifNoneMatch: known])
            #expect(second.status == .notModified, "\(known)")
            #expect(second.headers[.eTag] == tag)
            #expect(second.body.readableBytes == 0)
        }
        #expect(try await get(uri, headers: [.ifNoneMatch: "\"other\""]).status == .ok)
    }

    @Test func `an address that would break the page's links leads to the right one`() async throws {
        let response = try await get("/docs/")
        #expect(response.status == .movedPermanently)
        #expect(response.headers[.location] == "../docs")
        #expect(try await get("/docs/nothing.js").status == .notFound)
    }

    @Test func `differences between routes and document are found in both directions`() throws {
        let router = makeRouter()
        router.get("/healthz") { _, _ in "" }
        router.post("/extra/:id") { _, _ in "" }
        let differences = try OpenAPICheck.differences(between: router, and: .gatewayOpenAPI)
        #expect(differences.contains("POST /extra/{id} is served but not in openapi/gateway.json"))
        #expect(differences.contains("GET /readyz is in openapi/gateway.json but not served"))
        #expect(!differences.contains { $0.contains("/healthz") })
    }
}
