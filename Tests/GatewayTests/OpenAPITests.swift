// /openapi.json tells the truth: about the routes, about the parameters that each knows, and about their ranges.

import Embedded
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import Testing
import WebService

@testable import Gateway

@Suite(.serialized, .timeLimit(.minutes(1))) struct `The OpenAPI document` {
    private struct Document: Decodable {
        struct Parameter: Decodable {
            struct Schema: Decodable {
                let minimum: Int?
                let maximum: Int?
            }
            let reference: String?
            let name: String?
            let place: String?
            let schema: Schema?
            enum CodingKeys: String, CodingKey {
                case reference = "$ref"
                case name, schema
                case place = "in"
            }
        }
        struct Operation: Decodable {
            let parameters: [Parameter]?
        }
        struct Components: Decodable { let parameters: [String: Parameter] }
        let paths: [String: [String: Operation]]
        let components: Components

        /// An operation's query parameters, references resolved.
        func query(_ operation: Operation) -> [Parameter] {
            (operation.parameters ?? []).compactMap { parameter in
                let name = parameter.reference?.split(separator: "/").last.map(String.init)
                return name.map { components.parameters[$0] } ?? parameter
            }.filter { $0.place == "query" }
        }
    }

    private static func document() throws -> Document {
        try JSONDecoder().decode(Document.self, from: Data(EmbeddedFile.gatewayOpenAPI.bytes))
    }

    @Test func `lists the routes that are served and no others`() async throws {
        try await withGateway { system in
            let differences = try OpenAPICheck.differences(between: system.gateway.router(), and: .gatewayOpenAPI)
            #expect(differences == [])
        }
    }

    @Test func `names the parameters that each route below v1 knows`() async throws {
        let document = try Self.document()
        try await withGateway { system in
            try await system.publish(TestLists(popular: ["p"]))
            for (path, operations) in document.paths where path.hasPrefix("/v1/") {
                guard let operation = operations["get"] else { continue }
                let uri = path.split(separator: "/").map { $0.hasPrefix("{") ? "1" : $0 }.joined(separator: "/")
                let response = try await system.get("/\(uri)?unheard_of=1", headers: GatewayUnderTest.admin)
                let detail = try ProblemBody(response).detail
                let known = try #require(detail.split(separator: " it knows ").last).split(separator: ", ").map(
                    String.init)
                let documented = document.query(operation).compactMap(\.name)
                #expect(Set(known == ["no parameters"] ? [] : known) == Set(documented), "\(path)")
            }
        }
    }

    @Test func `states the ranges that are kept`() async throws {
        let document = try Self.document()
        try await withGateway { system in
            let generation = try await system.publish(TestLists(popular: ["p"]))
            // An event that shows already, so that the longest wait is none.
            try await system.touch("1", "a", atMs: 1_700_000_000_000, generation: generation)
            for name in ["k", "n_last", "wait_ms"] {
                let schema = try #require(document.components.parameters[name]?.schema)
                let minimum = try #require(schema.minimum)
                let maximum = try #require(schema.maximum)
                for (value, isAccepted) in [
                    (minimum, true), (minimum - 1, false), (maximum, true), (maximum + 1, false),
                ] {
                    let response = try await system.get("/v1/recommendations/1?\(name)=\(value)&after=0-0")
                    #expect((response.status == .ok) == isAccepted, "\(name)=\(value)")
                }
            }
        }
    }
}
