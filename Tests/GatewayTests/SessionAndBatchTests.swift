// POST /v1/recommendations/session and /batch.

import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Stores
import Testing

@testable import Gateway

@Suite(.serialized, .timeLimit(.minutes(1))) struct `An anonymous session` {
    private static let lists = TestLists(
        similar: ["a": ["a1", "a2"], "b": ["b1", "a1"], "1": ["2", "3"]], popular: ["p1", "a", "p2"])

    @Test func `is answered from the items that it names, the newest last`() async throws {
        try await withGateway { system in
            try await system.publish(Self.lists)
            let response = try await system.post(
                "/v1/recommendations/session", #"{"items":["b","a","unknown"],"k":5,"explain":true}"#)
            let answer = try AnswerBody(response)
            #expect(answer.user_id == nil)
            #expect(answer.online_as_of == nil)
            #expect(answer.served_by == "full")
            #expect(answer.items == ["a1", "b1", "a2", "p1", "p2"])
            #expect(answer.sources == ["online", "online", "online", "popular", "popular"])
            #expect(answer.touched?.map(\.item_id) == ["unknown", "a", "b"])
            #expect(answer.recommendations[1].cause?.item_id == "b")
            #expect(answer.recommendations[1].cause?.stream_id == nil)
            #expect(try await system.stores.online.latestUsers(countMax: 10) == [])
        }
    }

    @Test func `weighs its events and takes numbers for ids`() async throws {
        try await withGateway { system in
            try await system.publish(Self.lists)
            let body = #"{"items":[{"item_id":1,"event":"transaction"},{"item_id":"a"}],"k":2,"exclude":[2]}"#
            let answer = try AnswerBody(await system.post("/v1/recommendations/session", body))
            #expect(answer.items == ["3", "a1"])
        }
    }

    @Test func `counts its latest distinct items only`() async throws {
        try await withGateway { system in
            try await system.publish(Self.lists)
            let body = #"{"items":["b","a","b","b"],"n_last":1,"k":2}"#
            #expect(try AnswerBody(await system.post("/v1/recommendations/session", body)).items == ["b1", "a1"])
        }
    }
}

@Suite(.serialized, .timeLimit(.minutes(1))) struct `A batch` {
    private struct Body: Decodable {
        let generation: Int
        let results: [AnswerBody]
    }

    @Test func `holds one answer for each user, in order, as the users would get them alone`() async throws {
        try await withGateway { system in
            var lists = TestLists(similar: ["t": ["s1", "s2"]], popular: TestLists.names("p", 20))
            let users = (1...100).map { "u\($0)" }
            for user in users { lists.offline[user] = ["\(user)-o1", "\(user)-o2"] }
            let generation = try await system.publish(lists)
            try await system.touch("u7", "t", atMs: 1_700_000_000_000, generation: generation)
            let list = users.map { "\"\($0)\"" }.joined(separator: ",")
            let response = try await system.post("/v1/recommendations/batch", "{\"user_ids\":[\(list)],\"k\":4}")
            #expect(response.status == .ok)
            let body = try JSONDecoder().decode(Body.self, from: Data(response.body.readableBytesView))
            #expect(body.generation == generation)
            #expect(body.results.map(\.user_id) == users)
            #expect(body.results[6].items == ["s1", "u7-o1", "s2", "u7-o2"])
            for answer in body.results {
                let alone = try await system.answer("/v1/recommendations/\(answer.user_id ?? "")?k=4")
                #expect(answer == alone)
            }
        }
    }
}
