// The online state is a function of the set of events. Held against a model in Swift that knows the whole set at once.

import Models
import NIOCore
import Redis
import Stores
import TestServers
import Testing

@testable import Features

/// What the online hash must hold, computed from all events together.
private enum ReferenceModel {
    static func fields(_ updates: [OnlineUpdate], itemsMax: Int) -> [String: String] {
        var firstCopies: [String: OnlineUpdate] = [:]
        var others: [OnlineUpdate] = []
        for update in updates {
            guard let eventID = update.event.event.eventID else {
                others.append(update)
                continue
            }
            if let known = firstCopies[eventID], known.event.id < update.event.id { continue }
            firstCopies[eventID] = update
        }
        var newest: [ItemID: OnlineUpdate] = [:]
        for update in others + Array(firstCopies.values) {
            if let known = newest[update.event.event.item], isNewer(known, update) { continue }
            newest[update.event.event.item] = update
        }
        let kept = newest.values.sorted(by: isNewer).prefix(itemsMax)
        return Dictionary(uniqueKeysWithValues: kept.map { ($0.event.event.item.text, text($0)) })
    }

    private static func isNewer(_ left: OnlineUpdate, _ right: OnlineUpdate) -> Bool {
        (left.event.effectiveMs, left.event.id) > (right.event.effectiveMs, right.event.id)
    }

    private static func text(_ update: OnlineUpdate) -> String {
        let event = update.event
        let similar = update.similar.map { String(buffer: $0) } ?? ""
        return "\(event.effectiveMs) \(event.id) \(event.event.type) \(update.generation) \(similar)"
    }
}

@Suite(.serialized, .timeLimit(.minutes(2))) struct OnlineFunctionTests {
    private static let baseMs: UInt64 = 1_700_000_000_000

    /// A random set of events of one user: some with a time of their own, early or late or absurdly ahead, some sent
    /// more than once under one event id.
    private func randomUpdates(_ user: UserID, _ random: inout SeededRandom) throws -> [OnlineUpdate] {
        var updates: [OnlineUpdate] = []
        for place in 0..<Int.random(in: 1...40, using: &random) {
            let item = try #require(ItemID("item\(Int.random(in: 0..<12, using: &random))"))
            let type = ["view", "addtocart", "transaction"].randomElement(using: &random) ?? "view"
            let copies = Int.random(in: 0..<3, using: &random) == 0 ? Int.random(in: 2...4, using: &random) : 1
            // Up to 100 s ahead of the stream's clock. A repeated event is repeated as it was; no other event has its
            // time.
            let claimedMs =
                Int64(Self.baseMs) - 500_000 + Int64.random(in: 0..<600, using: &random) * 1000 + 100 + Int64(place)
            let timestampMs: Int64? =
                switch Int.random(in: 0..<8, using: &random) {
                case _ where copies > 1: claimedMs
                case 0: claimedMs + 10_000_000_000
                case 1..<5: claimedMs
                default: nil
                }
            for _ in 0..<copies {
                let id = StreamID(
                    milliseconds: Self.baseMs + UInt64.random(in: 0..<60, using: &random),
                    sequence: UInt64(updates.count))
                let event = Event(
                    user: user, item: item, type: type, timestampMs: timestampMs,
                    eventID: copies > 1 ? "e\(place)" : nil)
                updates.append(
                    OnlineUpdate(
                        event: StreamedEvent(id: id, event: event), generation: 3,
                        similar: ByteBuffer(string: "s\(place):0.5 t:1")))
            }
        }
        return updates
    }

    @Test(arguments: [1, 3, 10])
    func `any order, repetition and number of appliers leads to the same bytes`(itemsMax: Int) async throws {
        try await withTestBed { bed in
            var random = SeededRandom(seed: UInt64(itemsMax))
            for round in 0..<150 {
                let user = try #require(UserID("user\(round)"))
                let updates = try randomUpdates(user, &random)
                // Each applier gets its share of the deliveries in an order of its own; some entries come again to
                // both.
                var deliveries = updates + updates.shuffled(using: &random).prefix(updates.count / 2)
                deliveries.shuffle(using: &random)
                let middle = Int.random(in: 0...deliveries.count, using: &random)
                let shares = [Array(deliveries[..<middle]), Array(deliveries[middle...])]
                let online = bed.stores.online
                await withTaskGroup(of: Void.self) { group in
                    for share in shares {
                        group.addTask {
                            for start in stride(from: 0, to: share.count, by: 5) {
                                let part = Array(share[start..<min(start + 5, share.count)])
                                for result in await online.apply(part, itemsMax: itemsMax, ttlSeconds: 60) {
                                    #expect(throws: Never.self) { try result.get() }
                                }
                            }
                        }
                    }
                }
                let expected = ReferenceModel.fields(updates, itemsMax: itemsMax)
                #expect(try await bed.online(user.text) == expected, "round \(round)")
                // A replay changes nothing.
                for result in await online.apply(updates, itemsMax: itemsMax, ttlSeconds: 60) { _ = try result.get() }
                #expect(try await bed.online(user.text) == expected, "replay of round \(round)")
            }
        }
    }

    @Test func `a lower limit takes effect with the next event`() async throws {
        try await withTestBed { bed in
            let user = try #require(UserID("42"))
            func update(_ place: Int) throws -> OnlineUpdate {
                let event = Event(user: user, item: try #require(ItemID("i\(place)")))
                let id = StreamID(milliseconds: Self.baseMs + UInt64(place), sequence: 0)
                return OnlineUpdate(event: StreamedEvent(id: id, event: event), generation: 0, similar: nil)
            }
            _ = await bed.stores.online.apply(try (0..<8).map(update), itemsMax: 10, ttlSeconds: 60)
            _ = await bed.stores.online.apply([try update(8)], itemsMax: 3, ttlSeconds: 60)
            #expect(Set(try await bed.online("42").keys) == ["i6", "i7", "i8"])
        }
    }

    @Test func `what is remembered of event ids is bounded and ends`() async throws {
        try await withTestBed { bed in
            let user = try #require(UserID("42"))
            let item = try #require(ItemID("i"))
            let updates = (0..<1000).map { place in
                let event = Event(user: user, item: item, eventID: "e\(place)")
                let id = StreamID(milliseconds: Self.baseMs + UInt64(place), sequence: 0)
                return OnlineUpdate(event: StreamedEvent(id: id, event: event), generation: 0, similar: nil)
            }
            _ = await bed.stores.online.apply(updates, itemsMax: 10, ttlSeconds: 60)
            let remembered = try await bed.client.send(HLEN("seen:{42}"))
            #expect((OnlineStore.eventIDsMax...2 * OnlineStore.eventIDsMax).contains(remembered))
            #expect(try await bed.client.send(TTL("seen:{42}")) != .unlimited)
            // The newest ones are still known.
            let outcome = await bed.stores.online.apply([updates[950]], itemsMax: 10, ttlSeconds: 60).first
            #expect(try outcome?.get() == .older)
        }
    }
}
