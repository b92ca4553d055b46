// A response is computed from exactly one generation, whatever happens to the pointer meanwhile.

import Fixtures
import HummingbirdTesting
import Models
import NIOCore
import Redis
import Stores
import Synchronization
import Testing

@testable import Gateway

@Suite(.serialized, .timeLimit(.minutes(2))) struct `A switch of generations` {
    /// Lists whose items tell which generation they are from; every generation knows the same touched items.
    private static func lists(_ name: String) -> TestLists {
        var lists = TestLists(release: name, popular: TestLists.names("\(name)-p", 50))
        lists.offline["u"] = TestLists.names("\(name)-o", 10)
        for touched in ["t1", "t2", "t3"] { lists.similar[touched] = TestLists.names("\(name)-\(touched)-s", 5) }
        return lists
    }

    private static func isPure(_ answer: AnswerBody) -> Bool {
        answer.items.allSatisfy { $0.hasPrefix("g\(answer.generation)-") }
    }

    @Test func `never mixes two of them in one answer and fails none`() async throws {
        try await withGateway { system in
            let first = try await system.publish(Self.lists("g1"))
            let second = try await system.load(Self.lists("g2"))
            for (index, item) in ["t1", "t2", "t3"].enumerated() {
                try await system.touch("u", item, atMs: 1_700_000_000_000 + Int64(index), generation: first)
            }
            let seen = Seen()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        while !seen.isOver {
                            let answer = try await system.answer("/v1/recommendations/u?k=20")
                            #expect(Self.isPure(answer), "generation \(answer.generation): \(answer.items)")
                            #expect(answer.items.count == 20)
                            #expect(answer.served_by == "full")
                            #expect(answer.sources.prefix(4) == ["online", "offline", "online", "offline"])
                            seen.note(answer.generation)
                        }
                    }
                }
                // The bell alone brings the news to the gateway here; touches keep being derived from either one.
                for round in 0..<60 {
                    let target = round % 2 == 0 ? second : first
                    try await system.stores.generations.activate(target, kept: 3, nowMs: Int64(round))
                    try await system.touch(
                        "u", "t\(round % 3 + 1)", atMs: 1_700_000_001_000 + Int64(round),
                        generation: round % 4 < 2 ? first : second)
                    try await eventually("generation \(target) is taken in") {
                        system.gateway.live.snapshot?.generation == target
                    }
                }
                seen.end()
                try await group.waitForAll()
            }
            #expect(seen.generations == [first, second])
            #expect(system.gateway.statistics.touchesRefetched > 0)
            #expect(system.gateway.statistics.parityViolations == 0)
        }
    }

    @Test func `back to the one before answers from that one at once`() async throws {
        try await withGateway { system in
            try await system.publish(Self.lists("g1"))
            let second = try await system.publish(Self.lists("g2"))
            try await system.touch("u", "t1", atMs: 1_700_000_000_000, generation: second)
            let response = try await system.post("/v1/generations/rollback", headers: GatewayUnderTest.admin)
            #expect(String(buffer: response.body) == #"{"active":1}"#)
            let answer = try await system.answer("/v1/recommendations/u?k=3&explain=true")
            #expect(answer.items == ["g1-t1-s1", "g1-o1", "g1-t1-s2"])
            #expect(answer.recommendations[0].generation == 1)
        }
    }

    @Test func `is acknowledged by the gateway under its name`() async throws {
        try await withGateway { system in
            let generation = try await system.load(Self.lists("g1"))
            try await system.stores.generations.activate(generation, kept: 3, nowMs: 0)
            try await eventually("the gateway acknowledges") {
                try await system.stores.instances.acknowledgements(of: generation)["gateway@test:1"] != nil
            }
            #expect(system.gateway.live.snapshot?.generation == generation)
            try await eventually("the gateway gives a sign of life") {
                try await system.stores.instances.alive(nowMs: 0) == ["gateway@test:1"]
            }
        }
    }

    @Test func `that a slow read has missed is not undone by it`() {
        var pointer = NewestRead<Int>()
        let slow = pointer.begin()
        let quick = pointer.begin()
        let isQuickApplied = pointer.apply(2, read: quick)
        let isSlowApplied = pointer.apply(1, read: slow)
        #expect(isQuickApplied && !isSlowApplied)
        #expect(pointer.value == 2)
        let next = pointer.begin()
        let isNextApplied = pointer.apply(3, read: next)
        #expect(isNextApplied)
        #expect(pointer.value == 3)
    }

    @Test func `is noticed although a Redis that lost its data counts from 1 again`() async throws {
        try await withGateway { system in
            try await system.publish(Self.lists("g1"))
            try await eventually("the gateway acknowledges") {
                try await system.stores.instances.acknowledgements(of: 1)["gateway@test:1"] != nil
            }
            _ = try await system.stores.client.send(RawCommand("FLUSHALL"))
            await system.gateway.live.refresh()
            #expect(
                system.gateway.live.snapshot?.generation == 1, "popular items out of memory are better than nothing")
            let again = try await system.load(Self.lists("g1"), nowMs: 5)
            try await system.stores.generations.activate(again, kept: 3, nowMs: 5)
            try await eventually("the gateway acknowledges again") {
                try await system.stores.instances.acknowledgements(of: 1)["gateway@test:1"] != nil
            }
            #expect(again == 1)
        }
    }
}

/// Which generations the answers named, and whether enough have been seen.
private final class Seen: Sendable {
    private let state = Mutex<(generations: Set<Int>, isOver: Bool)>(([], false))

    var generations: Set<Int> { state.withLock { $0.generations } }
    var isOver: Bool { state.withLock { $0.isOver } }
    func note(_ generation: Int) { state.withLock { _ = $0.generations.insert(generation) } }
    func end() { state.withLock { $0.isOver = true } }
}
