// The walk through active users and the latency figures, without Redis.

import Models
import Stores
import Telemetry
import Testing

@testable import Features

@Suite struct ActivePagesTests {
    private struct Active {
        let user: UserID
        let lastMs: Int64
    }

    /// The users that a walk over `active` hands out, in order.
    private func walk(_ active: [Active], untilMs: Int64 = .max) -> [UserID] {
        var pages = ActivePages(untilMs: untilMs)
        var users: [UserID] = []
        while let request = pages.next {
            let page = active.filter { $0.lastMs > request.afterMs }.prefix(request.countMax)
            users += pages.take(page.map { (user: $0.user, lastMs: $0.lastMs) })
        }
        return users
    }

    private func active(_ count: Int, lastMs: (Int) -> Int64) throws -> [Active] {
        try (0..<count).map { Active(user: try #require(UserID("u\($0)")), lastMs: lastMs($0)) }
    }

    @Test(arguments: [0, 1, 1023, 1024, 1025, 5000])
    func `everybody is visited once`(count: Int) throws {
        for crowd in [1, 7, 1024, 3000] {
            let active = try active(count) { Int64($0 / crowd) }
            #expect(walk(active) == active.map(\.user), "crowds of \(crowd)")
        }
    }

    @Test func `a crowd beyond all limits does not end or hold up the walk`() throws {
        let crowd = try active(ActivePages.countLimit + 10) { _ in 5 }
        let last = Active(user: try #require(UserID("last")), lastMs: 6)
        let visited = walk(crowd + [last])
        #expect(visited.count == ActivePages.countLimit + 1)
        #expect(visited.last == last.user)
    }

    @Test func `the walk ends at its time`() throws {
        let active = try active(10_000) { Int64($0) }
        #expect(walk(active, untilMs: 3000).count < 5000)
    }
}

@Suite struct FeaturesStatisticsTests {
    @Test func `latencies are those of the latest events, by nearest rank`() throws {
        let statistics = FeaturesStatistics(MetricsRegistry(role: "features"))
        #expect(statistics.snapshot.latencyMs(share: 0.5) == nil)
        let user = try #require(UserID("42"))
        let item = try #require(ItemID("a"))
        for latencyMs in 1...2000 {
            let id = StreamID(milliseconds: 1_000_000, sequence: 0)
            let event = StreamedEvent(id: id, event: Event(user: user, item: item))
            statistics.noteSettled([SettledEvent(event: event, outcome: .applied)], nowMs: 1_000_000 + Int64(latencyMs))
        }
        let snapshot = statistics.snapshot
        #expect(snapshot.sortedLatenciesMs.count == 1024)
        #expect(snapshot.latencyMs(share: 0.5) == 1488)
        #expect(snapshot.latencyMs(share: 0.99) == 1990)
        #expect(snapshot.latencyMs(share: 1) == 2000)
    }
}

@Suite struct EntryBatchTests {
    @Test func `a batch asks for what is left to be done, step by step`() throws {
        func entry(_ sequence: UInt64, _ fields: [(name: String, value: String)]) -> EventEntry {
            EventEntry(partition: 0, id: StreamID(milliseconds: 1, sequence: sequence), fields: fields)
        }
        let good = (0..<3).map { entry($0, [(name: "user_id", value: "1"), (name: "item_id", value: "2")]) }
        var batch = EntryBatch(good + [entry(3, [])], reader: EventReader(types: .standard))
        #expect(batch.readable.map(\.entry) == good)
        #expect(batch.refused.map(\.reason) == ["user_id: is missing"])
        let results: [Result<AppliedTouch, StoreError>] = [
            .success(AppliedTouch(outcome: .applied)), .failure(StoreError(.conflict, "no")),
            .failure(StoreError(.corrupted, "not a hash")),
        ]
        let (settled, error) = batch.settle(results, isLastAttempt: false)
        #expect(settled.map(\.outcome) == [.applied])
        #expect(error?.code == .conflict)
        #expect(batch.applied == [good[0]])
        #expect(batch.readable.map(\.entry) == [good[1]])
        #expect(batch.refused.map(\.reason) == ["user_id: is missing", "could not be applied: not a hash"])
        batch.acknowledged()
        // What is no event stays refused; what the state did not take gets another chance.
        batch.reconsider()
        #expect(batch.refused.map(\.reason) == ["user_id: is missing"])
        #expect(batch.readable.map(\.entry) == [good[1], good[2]])
        batch.putAside()
        #expect(!batch.isEmpty)
        let last: [Result<AppliedTouch, StoreError>] = [
            .failure(StoreError(.conflict, "no")), .failure(StoreError(.full, "later")),
        ]
        #expect(batch.settle(last, isLastAttempt: true).error?.code == .full)
        #expect(batch.refused.map(\.entry) == [good[1]])
        #expect(batch.readable.map(\.entry) == [good[2]])
        batch.putAside()
        _ = batch.settle([.success(AppliedTouch(outcome: .older))], isLastAttempt: true)
        batch.acknowledged()
        #expect(batch.isEmpty)
    }
}
