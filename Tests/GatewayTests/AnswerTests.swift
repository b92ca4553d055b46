// What an answer consists of, on real keys.

import HTTPTypes
import HummingbirdTesting
import Models
import NIOCore
import Settings
import Testing

@testable import Gateway

@Suite(.serialized, .timeLimit(.minutes(1))) struct `A recommendation` {
    private static let lists = TestLists(
        offline: ["42": ["o1", "o2", "s1", "o3"]],
        similar: ["t1": ["s1", "s2", "s3"], "t2": ["s4"]],
        popular: TestLists.names("p", 600))

    @Test func `is written byte for byte like this`() async throws {
        try await withGateway { system in
            let generation = try await system.publish(Self.lists)
            try await system.touch("42", "t1", atMs: 1_700_000_000_000, generation: generation)
            let response = try await system.get("/v1/recommendations/42?k=3")
            let expected =
                #"{"user_id":"42","generation":1,"blend":"interleave","served_by":"full","#
                + #""online_as_of":"1700000000000-0","stale":false,"recommendations":["#
                + #"{"item_id":"s1","place":1,"source":"online"},{"item_id":"o1","place":2,"source":"offline"},"#
                + #"{"item_id":"s2","place":3,"source":"online"}]}"#
            #expect(String(buffer: response.body) == expected)
            #expect(response.headers[.contentType] == "application/json")
            #expect(response.headers[try #require(HTTPField.Name("X-Generation"))] == "1")
            #expect(response.headers[try #require(HTTPField.Name("X-Served-By"))] == "full")
            #expect(response.headers[try #require(HTTPField.Name("X-Online-As-Of"))] == "1700000000000-0")
            #expect(try await system.get("/v1/recommendations/42?k=3").body == response.body)
        }
    }

    @Test func `explains every place and what was left out`() async throws {
        try await withGateway { system in
            let generation = try await system.publish(Self.lists)
            try await system.touch("42", "t1", "addtocart", atMs: 1_700_000_000_000, generation: generation)
            try await system.touch("42", "t2", atMs: 1_700_000_000_001, generation: generation)
            let answer = try await system.answer("/v1/recommendations/42?k=5&explain=true&n_last=1&exclude=o1")
            #expect(answer.items == ["s4", "o2", "s1", "o3", "p1"])
            #expect(answer.sources == ["online", "offline", "offline", "offline", "popular"])
            #expect(answer.recommendations.map(\.source_place) == [1, 2, 3, 4, 1])
            #expect(answer.recommendations.allSatisfy { $0.generation == generation && $0.score != nil })
            let newest = AnswerBody.Touch(
                item_id: "t2", event: "view", ts: 1_700_000_000_001, stream_id: "1700000000001-0", used: nil)
            #expect(answer.recommendations[0].cause == newest)
            #expect(answer.recommendations[0].similarity == 1)
            #expect(answer.recommendations[1].cause == nil)
            #expect(answer.touched?.map(\.item_id) == ["t2", "t1"])
            #expect(answer.touched?.map(\.event) == ["view", "addtocart"])
            #expect(answer.touched?.map(\.used) == [true, false])
            #expect(answer.dropped == [.init(item_id: "o1", source: "offline", source_place: 1, reason: "excluded")])
        }
    }

    @Test func `has k places, unless the catalogue has fewer eligible items`() async throws {
        try await withGateway { system in
            let generation = try await system.publish(Self.lists)
            try await system.touch("42", "p1", atMs: 1_700_000_000_000, generation: generation)
            #expect(try await system.answer("/v1/recommendations/42").items.count == 100)
            #expect(try await system.answer("/v1/recommendations/42?k=500").items.count == 500)
            #expect(try await system.answer("/v1/recommendations/nobody?k=500").items == TestLists.names("p", 500))
            let small = TestLists(offline: ["42": ["a", "p1"]], popular: ["p1", "p2", "a"])
            try await system.publish(small)
            #expect(try await system.answer("/v1/recommendations/42").items == ["a", "p2"])
        }
    }

    @Test func `counts distinct touched items, the latest first`() async throws {
        try await withGateway { system in
            let generation = try await system.publish(
                TestLists(similar: ["a": ["a1"], "b": ["b1"], "c": ["c1"], "d": ["d1"]], popular: ["x"]))
            for (index, item) in ["a", "b", "c", "d", "d", "d"].enumerated() {
                try await system.touch("7", item, atMs: 1_700_000_000_000 + Int64(index), generation: generation)
            }
            func online(_ query: String) async throws -> [String] {
                try await system.answer("/v1/recommendations/7?\(query)").recommendations
                    .filter { $0.source == "online" }.map(\.item_id)
            }
            #expect(try await online("") == ["d1", "c1", "b1"])
            #expect(try await online("n_last=1") == ["d1"])
            #expect(try await online("n_last=100") == ["d1", "c1", "b1", "a1"])
        }
    }

    @Test func `has one side only below /offline and /online, filled up with popular items`() async throws {
        try await withGateway { system in
            let generation = try await system.publish(Self.lists)
            try await system.touch("42", "t1", atMs: 1_700_000_000_000, generation: generation)
            let offline = try await system.answer("/v1/recommendations/42/offline?k=6")
            #expect(offline.items == ["o1", "o2", "s1", "o3", "p1", "p2"])
            #expect(offline.blend == "offline")
            let online = try await system.answer("/v1/recommendations/42/online?k=4")
            #expect(online.items == ["s1", "s2", "s3", "p1"])
            for blend in ["interleave", "rrf", "weighted", "offline", "online"] {
                #expect(try await system.answer("/v1/recommendations/42?k=7&blend=\(blend)").items.count == 7)
            }
        }
    }

    @Test func `of a category holds its items only, filled up with its own popular ones`() async throws {
        try await withGateway { system in
            var lists = Self.lists
            lists.categories = ["shoes": ["c1", "s2", "c2"]]
            lists.items = [
                "s1": ["hats"], "s2": ["boots", "shoes"], "o2": ["shoes"], "c1": ["shoes"], "c2": ["shoes"],
            ]
            let generation = try await system.publish(lists)
            try await system.touch("42", "t1", atMs: 1_700_000_000_000, generation: generation)
            let answer = try await system.answer("/v1/recommendations/42?category=shoes&exclude=c2")
            #expect(answer.items == ["s2", "o2", "c1"])
            #expect(answer.sources == ["online", "offline", "popular"])
            #expect(try await system.answer("/v1/recommendations/42?category=nonsense").items == [])
        }
    }

    @Test func `keeps the touched items if the settings want them`() async throws {
        try await withGateway(.init(http: .init(port: 0), excludesTouched: false, deadlineMs: 2000)) { system in
            let generation = try await system.publish(TestLists(offline: ["1": ["t"]], popular: ["p"]))
            try await system.touch("1", "t", atMs: 1_700_000_000_000, generation: generation)
            #expect(try await system.answer("/v1/recommendations/1").items == ["t", "p"])
        }
    }

    @Test func `keeps the parity for random states`() async throws {
        try await withGateway { system in
            var random = SystemRandomNumberGenerator()
            for round in 0..<40 {
                let catalogue = TestLists.names("i", 30)
                func list(_ longest: Int) -> [String] {
                    Array(catalogue.shuffled(using: &random).prefix(.random(in: 0...longest, using: &random)))
                }
                var lists = TestLists(offline: ["u": list(20)], popular: catalogue)
                for item in catalogue.prefix(6) { lists.similar[item] = list(15).filter { $0 != item } }
                let generation = try await system.publish(lists)
                let user = round % 4 == 0 ? "stranger" : "u"
                for touch in 0..<Int.random(in: 0...6, using: &random) {
                    try await system.touch(
                        user, catalogue[touch], atMs: 1_700_000_000_000 + Int64(touch), generation: generation)
                }
                let excluded = list(5).joined(separator: ",")
                let count = Int.random(in: 1...30, using: &random)
                let answer = try await system.answer(
                    "/v1/recommendations/\(user)?k=\(count)&explain=1&exclude=\(excluded)")
                try check(answer, lists: lists, excluded: Set(excluded.split(separator: ",").map(String.init)))
            }
            #expect(system.gateway.statistics.parityViolations == 0)
        }
    }

    /// Judges an explained answer by the lists that were written, with an account that shares no code with the blend.
    private func check(_ answer: AnswerBody, lists: TestLists, excluded: Set<String>) throws {
        let touched = try #require(answer.touched)
        var used = excluded.union(touched.map(\.item_id))
        let online = Set(touched.filter { $0.used == true }.flatMap { lists.similar[$0.item_id] ?? [] })
        let offline = lists.offline[answer.user_id ?? ""] ?? []
        for place in answer.recommendations {
            #expect(!used.contains(place.item_id), "\(place) again, or excluded")
            let onlineLeft = online.subtracting(used)
            let offlineNext = offline.first { !used.contains($0) }
            let wanted =
                switch (place.place % 2 == 1, onlineLeft.isEmpty, offlineNext == nil) {
                case (_, true, true): "popular"
                case (true, false, _), (false, false, true): "online"
                default: "offline"
                }
            #expect(place.source == wanted, "\(place)")
            switch place.source {
            case "online":
                let cause = try #require(place.cause)
                #expect(lists.similar[cause.item_id]?.contains(place.item_id) == true, "\(place)")
            case "offline": #expect(place.item_id == offlineNext, "\(place)")
            default: #expect(place.item_id == lists.popular.first { !used.contains($0) }, "\(place)")
            }
            used.insert(place.item_id)
        }
    }
}
