// Getting entries on the stream and taking them off, by a consumer group.

import Fixtures
import Models
import NIOCore
import Redis
import Stores
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1))) struct `The event stream` {
    @Test func `keeps the order of appending, and a user on one stream`() async throws {
        try await withStores(partitions: 4) { stores in
            let entries = try (0..<400).map { try view("u\($0 % 40)", "i\($0)") }
            let ids = try await stores.events.append(entries).map { try $0.get() }
            try await stores.events.createGroup(.features)
            let read = try await stores.events.withReader(group: .features, consumer: "c") { reader in
                try await reader.read(countMax: 1000, blockMs: 1)
            }
            #expect(read.count == 400)
            #expect(Set(read.map(\.partition)) == [0, 1, 2, 3])
            for partition in 0..<4 {
                let own = read.filter { $0.partition == partition }
                #expect(own.map(\.id) == own.map(\.id).sorted())
            }
            for (index, entry) in entries.enumerated() {
                let found = try #require(read.first { $0.value("item_id") == "i\(index)" })
                #expect(found.partition == EventPartition.of(entry.user, partitions: 4))
                #expect(found.id == ids[index])
            }
            for user in 0..<40 {
                let own = read.filter { $0.value("user_id") == "u\(user)" }
                #expect(own.compactMap { $0.value("item_id") } == (0..<10).map { "i\(user + 40 * $0)" })
            }
        }
    }

    /// Computed by another program; producers in other languages rely on it.
    static let partitions: [(user: String, of: Int, partition: Int)] = [
        ("1", 1, 0),
        ("1", 4, 0),
        ("1", 7, 1),
        ("42", 1, 0),
        ("42", 4, 3),
        ("42", 7, 5),
        ("u1", 1, 0),
        ("u1", 4, 3),
        ("u1", 7, 2),
        ("a@b.c", 1, 0),
        ("a@b.c", 4, 1),
        ("a@b.c", 7, 2),
    ]

    @Test(arguments: partitions.indices)
    func `chooses a user's stream as FNV-1a does in every language`(index: Int) throws {
        let (user, count, partition) = Self.partitions[index]
        #expect(EventPartition.of(try #require(UserID(user)), partitions: count) == partition)
    }

    @Test func `gives no id for an entry that Redis does not take`() async throws {
        try await withStores { stores in
            _ = try await stores.ask("SET", "events", "something else")
            let results = await stores.events.append([try view("u1", "i1"), try view("u1", "i2")])
            #expect(results.count == 2)
            for result in results { #expect(throws: StoreError.self) { try result.get() } }
        }
    }

    @Test func `hands every entry to one consumer, and a new group starts with the oldest`() async throws {
        try await withStores { stores in
            let ids = try await stores.append("u1", items: (1...20).map { "i\($0)" })
            try await stores.events.createGroup(.features)
            // As every start does, beside others.
            try await stores.events.createGroup(.features)
            try await stores.events.withReader(group: .features, consumer: "a") { first in
                try await stores.events.withReader(group: .features, consumer: "b") { second in
                    let left = try await first.read(countMax: 12, blockMs: 1)
                    let right = try await second.read(countMax: 12, blockMs: 1)
                    #expect(left.map(\.id) + right.map(\.id) == ids)
                    #expect(try await first.read(countMax: 12, blockMs: 1).isEmpty)
                    try await stores.events.acknowledge(left, group: .features)
                    let progress = try #require(try await stores.events.progress().first)
                    #expect(progress.pending == 8)
                    #expect(progress.lag == 0)
                    #expect(progress.lastDelivered == ids.last)
                }
            }
        }
    }

    @Test func `marks what is no text and keeps what can be read`() async throws {
        try await withStores { stores in
            _ = try await stores.ask("XADD", "events", "*", "user_id", .bytes([0x61, 0xFF]), "x", "1", "x", "2")
            try await stores.events.createGroup(.features)
            let entry = try await stores.events.withReader(group: .features, consumer: "c") { reader in
                try #require(try await reader.read(countMax: 1, blockMs: 1).first)
            }
            #expect(entry.isBinary)
            #expect(entry.value("user_id") == "a\u{FFFD}")
            #expect(entry.value("x") == "1")
            #expect(entry.fields.count == 3)
        }
    }

    @Test func `lets the living take over what the dead were given`() async throws {
        try await withStores(partitions: 2) { stores in
            for user in 0..<20 { try await stores.append("u\(user)", items: (0..<10).map { "i\($0)" }) }
            try await stores.events.createGroup(.features)
            let taken = try await stores.events.withReader(group: .features, consumer: "dead") { reader in
                try await reader.read(countMax: 1000, blockMs: 1)
            }
            #expect(taken.count == 200)
            #expect(
                try await stores.events.claim(group: .features, consumer: "b", idleMs: 60_000, countMax: 1000).isEmpty)
            var claimed: Set<EventEntry> = []
            while claimed.count < 200 {
                let some = try await stores.events.claim(group: .features, consumer: "b", idleMs: 0, countMax: 7)
                try #require(!some.isEmpty)
                #expect(some.count <= 14)
                #expect(try await stores.events.deliveryCounts(some, group: .features) == some.map { _ in 2 })
                try await stores.events.acknowledge(some, group: .features)
                #expect(claimed.isDisjoint(with: some))
                claimed.formUnion(some)
            }
            #expect(claimed == Set(taken))
            #expect(try await stores.events.progress().allSatisfy { $0.pending == 0 })
            #expect(try await stores.events.deliveryCounts(Array(taken.prefix(2)), group: .features) == [0, 0])
        }
    }

    @Test func `puts an entry aside once, whoever tries and however often`() async throws {
        try await withStores { stores in
            try await stores.append("u1", items: ["i1"])
            try await stores.events.createGroup(.features)
            let entry = try await stores.events.withReader(group: .features, consumer: "c") { reader in
                try #require(try await reader.read(countMax: 1, blockMs: 1).first)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await stores.events.quarantine(entry, group: .features, reason: "because") }
                }
                try await group.waitForAll()
            }
            let aside = try await stores.events.quarantined(countMax: 100)
            #expect(aside.count == 1)
            #expect(aside.first?.value("_reason") == "because")
            #expect(aside.first?.value("_stream") == "events")
            #expect(aside.first?.value("_id") == entry.id.description)
            #expect(aside.first?.value("item_id") == "i1")
            #expect(try await stores.events.progress().first?.pending == 0)
        }
    }

    @Test func `says when a group is done with an entry, and not before`() async throws {
        try await withStores(partitions: 3) { stores in
            let user = try #require(UserID("u1"))
            let id = try #require(try await stores.append("u1", items: ["i1"]).first)
            func isDone() async throws -> Bool { try await stores.events.isDone(id, of: user, group: .features) }
            try await stores.events.createGroup(.archive)
            #expect(try await !isDone())
            try await stores.events.createGroup(.features)
            #expect(try await !isDone())
            let entries = try await stores.events.withReader(group: .features, consumer: "c") { reader in
                try await reader.read(countMax: 10, blockMs: 1)
            }
            #expect(try await !isDone())
            try await stores.events.acknowledge(entries, group: .features)
            #expect(try await isDone())
            let later = StreamID(milliseconds: id.milliseconds + 1, sequence: 0)
            #expect(try await !stores.events.isDone(later, of: user, group: .features))
        }
    }

    @Test func `is trimmed by age, and never past what a group still needs`() async throws {
        try await withStores { stores in
            // Trimming takes whole nodes of the stream's tree, of a hundred entries each.
            let ids = try await stores.append("u1", items: (0..<1000).map { "i\($0)" })
            let nowMs = Int64(try #require(ids.last).milliseconds) + 1000
            try await stores.events.createGroup(.features)
            try await stores.events.createGroup(.archive)
            func trim(retentionMs: Int64 = 0) async throws -> Int {
                try await stores.events.trim(retentionMs: retentionMs, nowMs: nowMs)
            }
            func read(_ group: ConsumerGroup, _ count: Int) async throws -> [EventEntry] {
                try await stores.events.withReader(group: group, consumer: "c") { reader in
                    try await reader.read(countMax: count, blockMs: 1)
                }
            }
            #expect(try await trim() == 0)
            let all = try await read(.features, 1000)
            try await stores.events.acknowledge(all, group: .features)
            #expect(try await trim() == 0, "archive has read nothing")
            let half = try await read(.archive, 500)
            #expect(try await trim() == 0, "archive has acknowledged nothing")
            try await stores.events.acknowledge(half, group: .archive)
            #expect(try await trim(retentionMs: 3_600_000) == 0, "the entries are young")
            let removed = try await trim()
            #expect((300...500).contains(removed), "\(removed)")
            // Whatever was trimmed, archive goes on where it was.
            #expect(try await read(.archive, 1000).map(\.id) == Array(ids[500...]))
        }
    }

    @Test func `forgets consumers that are gone, but not what they hold`() async throws {
        try await withStores { stores in
            try await stores.append("u1", items: ["i1", "i2"])
            try await stores.events.createGroup(.features)
            for consumer in ["holds", "gone"] {
                let entries = try await stores.events.withReader(group: .features, consumer: consumer) { reader in
                    try await reader.read(countMax: 1, blockMs: 1)
                }
                if consumer == "gone" { try await stores.events.acknowledge(entries, group: .features) }
            }
            try await eventually("a moment passes") {
                try await stores.events.removeSilentConsumers(group: .features, idleMs: 0) == 1
            }
            #expect(try await stores.client.send(XINFOCONSUMERS("events", group: "features")).map(\.name) == ["holds"])
        }
    }
}
