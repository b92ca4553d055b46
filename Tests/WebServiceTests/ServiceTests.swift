// What all services share, through the router: errors, ids, common routes.

import Embedded
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import WebService

@Suite struct ServiceTests {
    private struct ProblemBody: Decodable {
        struct FieldError: Decodable {
            let field: String
            let reason: String
        }
        let type: String
        let title: String
        let status: Int
        let detail: String
        let errors: [FieldError]?
    }

    private func problem(_ response: TestResponse) throws -> ProblemBody {
        #expect(response.headers[.contentType] == "application/problem+json")
        #expect(response.headers[.xContentTypeOptions] == "nosniff")
        let body = try JSONDecoder().decode(ProblemBody.self, from: Data(response.body.readableBytesView))
        #expect(body.status == response.status.code)
        return body
    }

    private func execute(
        _ uri: String, _ method: HTTPRequest.Method = .get, headers: HTTPFields = [:], body: String? = nil,
        findings: [ReadinessFinding] = []
    ) async throws -> TestResponse {
        try await SampleService.application(findings: findings).test(.router) { client in
            try await client.execute(
                uri: uri, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) }
            ) { $0 }
        }
    }

    @Test func `an unknown route is named in a 404`() async throws {
        let response = try await execute("/nowhere/at/all")
        #expect(response.status == .notFound)
        #expect(try problem(response).detail == "there is no route GET /nowhere/at/all; /openapi.json lists the routes")
    }

    @Test(arguments: ["/echo", "/things/else", "/", "/docs/a/b"])
    func `a path that only begins like a route has no methods`(path: String) async throws {
        #expect(try await execute(path, .post).status == .notFound)
    }

    @Test func `a known path with another method is a 405 with Allow`() async throws {
        let response = try await execute("/things", .post)
        #expect(response.status == .methodNotAllowed)
        #expect(response.headers[.allow] == "DELETE, GET, HEAD")
        #expect(try problem(response).detail == "/things has no POST; it has DELETE, GET, HEAD")
        #expect(try await execute("/echo/a", .put).headers[.allow] == "GET, HEAD")
    }

    @Test func `an error that no route foresees is a 500 that tells nothing but the id`() async throws {
        let response = try await execute("/unforeseen", headers: [.requestID: "abc-1"])
        #expect(response.status == .internalServerError)
        let detail = try problem(response).detail
        #expect(detail.contains("abc-1"))
        #expect(!detail.contains("Unforeseen"))
    }

    @Test func `the framework's own errors are problems too`() async throws {
        #expect(try problem(await execute("/framework")).detail == "two at once")
    }

    @Test func `a problem's headers are sent`() async throws {
        let response = try await execute("/busy")
        #expect(response.status == .tooManyRequests)
        #expect(response.headers[.retryAfter] == "7")
        #expect(try problem(response).title == "Too Many Requests")
    }

    @Test(arguments: ["abc", "0123456789-_.:Z", String(repeating: "x", count: 64)])
    func `a caller's request id comes back`(id: String) async throws {
        #expect(try await execute("/hello", headers: [.requestID: id]).headers[.requestID] == id)
    }

    @Test(arguments: ["", "a b", "a\"b", "<x>", String(repeating: "x", count: 65)])
    func `a request id that is not safe to repeat is replaced`(id: String) async throws {
        let returned = try #require(try await execute("/hello", headers: [.requestID: id]).headers[.requestID])
        #expect(returned != id)
        #expect((16...64).contains(returned.count))
    }

    @Test func `a path parameter is percent-decoded, and refused if that fails`() async throws {
        #expect(String(buffer: try await execute("/echo/a%20%D0%96%2Fb").body) == "\"a Ж/b\"")
        #expect(String(buffer: try await execute("/echo/%00").body) == "\"\\u0000\"")
        #expect(try problem(await execute("/echo/%ff")).detail == "word is not percent-encoded UTF-8")
    }

    @Test func `HEAD answers as GET without a body`() async throws {
        let response = try await execute("/hello", .head)
        #expect(response.status == .ok)
        #expect(response.body.readableBytes == 0)
        #expect(try await execute("/nowhere", .head).body.readableBytes == 0)
    }

    @Test func `JSON bodies are read, ids as numbers or strings`() async throws {
        let json: HTTPFields = [.contentType: "Application/JSON; charset=utf-8"]
        let number = try await execute("/orders", .post, headers: json, body: #"{"customer":42,"lines":[]}"#)
        #expect(String(buffer: number.body) == "42 0")
        let string = try await execute(
            "/orders", .post, headers: json, body: #"{"customer":"4 2","lines":[{"item":"a","count":1}]}"#)
        #expect(String(buffer: string.body) == "4 2 1")
    }

    @Test(arguments: [
        ("", "the body is empty; JSON is expected"),
        (#"{"customer":1}"#, "lines is missing"),
        (#"{"customer":1,"lines":[{"item":"a","count":"b"}]}"#, "lines.0.count must be a whole number"),
        (#"{"customer":1,"lines":[{"item":"a","count":1},{"item":null,"count":1}]}"#, "lines.1.item must"),
        (#"{"customer":1,"lines":{}}"#, "lines must be an array"),
        ("[]", "the body must be an object"),
        (
            #"{"customer":1,"lines":[],}x"#,
            "the body is not JSON: a member's name in quotes is expected at line 1, column 26"
        ),
        ("{\"customer\":\n 1]", "the body is not JSON: a comma or } is expected at line 2, column 3"),
        ("{\"customer\":\n\u{0}", "the body is not JSON: a value is expected at line 2, column 1"),
        ("{\"customer\": \"abc", "the body is not JSON: the text ends within a string at line 1, column 18"),
        ("{\"customer\" 1}", "the body is not JSON: a colon is expected at line 1, column 13"),
        ("{} {}", "the body is not JSON: something stands behind the value at line 1, column 4"),
        ("[nul]", "the body is not JSON: a value is expected at line 1, column 2"),
        (String(repeating: "[", count: 100_000), "the body is not JSON: nested deeper than 512 levels"),
    ])
    func `a body that does not fit says where`(body: String, detail: String) async throws {
        let response = try await execute("/orders", .post, headers: [.contentType: "application/json"], body: body)
        #expect(response.status == .badRequest)
        #expect(try problem(response).detail.hasPrefix(detail))
    }

    @Test(arguments: [
        nil, "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "application/x-ndjson", ";",
    ])
    func `another content type is refused with the right one`(type: String?) async throws {
        var headers: HTTPFields = [:]
        headers[.contentType] = type
        let response = try await execute("/orders", .post, headers: headers, body: "{}")
        #expect(response.status == .unsupportedMediaType)
        #expect(try problem(response).detail.contains("send application/json"))
    }

    @Test func `a body over the limit is refused without a socket too`() async throws {
        let response = try await execute("/count", .post, body: String(repeating: "x", count: (1 << 20) + 1))
        #expect(response.status == .contentTooLarge)
        #expect(try problem(response).detail.contains("1048576"))
    }

    @Test func `health is plain and readiness names what is missing`() async throws {
        #expect(String(buffer: try await execute("/healthz").body) == #"{"status":"ok"}"#)
        let redis = ReadinessFinding(name: "redis", isOK: true, detail: "1 ms")
        let none = ReadinessFinding(name: "generation", isOK: false, detail: "none is active; run `freshet reload`")
        let ready = try await execute("/readyz", findings: [redis])
        #expect(ready.status == .ok)
        let missing = try await execute("/readyz", findings: [redis, none])
        #expect(missing.status == .serviceUnavailable)
        let expected =
            #"{"ready":false,"findings":[{"name":"redis","ok":true,"detail":"1 ms"},"#
            + #"{"name":"generation","ok":false,"detail":"none is active; run `freshet reload`"}]}"#
        #expect(String(buffer: missing.body) == expected)
    }
}
