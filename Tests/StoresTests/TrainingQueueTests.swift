// The queue of training runs in a real Redis: one truth for everybody who asks and everybody who works.

import Fixtures
import Models
import Redis
import Stores
import TestServers
import Testing

@Suite(.serialized, .timeLimit(.minutes(1))) struct `The queue of training` {
    private func withQueue(
        _ body: (RedisStores, _ first: TrainingQueue, _ second: TrainingQueue) async throws -> Void
    ) async throws {
        try await withRedisServer { server in
            try await withStores(on: server) { stores in
                try await body(
                    stores, stores.trainingQueue(trainer: "one", leaseMs: 60_000),
                    stores.trainingQueue(trainer: "two", leaseMs: 60_000))
            }
        }
    }

    private func take(_ queue: TrainingQueue, _ fence: Int, attemptsMax: Int = 3) async throws -> TrainingOrder? {
        try await queue.take(fence: fence, attemptsMax: attemptsMax, mode: .manual, nowMs: 2000)
    }

    /// As if a trainer's lease had run out.
    private func expireLease(_ stores: RedisStores) async throws {
        _ = try await stores.client.send(DEL("training:lease"))
    }

    @Test func `a request that still waits is joined, one in hand is not`() async throws {
        try await withQueue { stores, one, _ in
            let first = try await stores.training.request(nil, by: "a b", nowMs: 1000)
            let again = try await stores.training.request(nil, by: "c", nowMs: 1001)
            let other = try await stores.training.request(.autonomous, by: "c", nowMs: 1002)
            #expect(!first.isJoined && again == TrainingTicket(run: first.run, isJoined: true) && !other.isJoined)
            let fence = try #require(try await one.takeLease())
            let order = try await take(one, fence)
            #expect(order == TrainingOrder(run: first.run, mode: .manual, attempt: 1))
            let third = try await stores.training.request(nil, by: "c", nowMs: 1003)
            #expect(!third.isJoined)
            #expect(try await stores.training.queue().waiting == 2)
            let run = try #require(try await stores.training.run(first.run))
            #expect(run.state == .running && run.by == "a-b" && run.requestedAtMs == 1000 && run.startedAtMs == 2000)
            #expect(try await stores.training.latest(countMax: 2).map(\.id) == [third.run, other.run])
        }
    }

    @Test func `a request that a broken connection repeats is the same request`() async throws {
        try await withQueue { stores, one, _ in
            func request(_ id: String) async throws -> RESPValue {
                try await stores.client.send(
                    FCALL(
                        "training_request", keys: ["training:pending", "training:runs"],
                        arguments: [.string(id), "manual", "test", "1000"]))
            }
            func waiting() async throws -> Int { try await stores.training.queue().waiting }
            let first = try await request("t1")
            #expect(try await request("t1") == first)
            #expect(try await waiting() == 1)
            // One that joined is told so again, also when the run that it joined is in hand.
            let joined = try await request("t2")
            let fence = try #require(try await one.takeLease())
            #expect(try await take(one, fence)?.run == "t1")
            #expect(try await request("t2") == joined)
            // And what is in hand is neither put back nor asked for twice.
            #expect(try await request("t1") == first)
            #expect(try await stores.training.run("t1")?.state == .running)
            #expect(try await waiting() == 0)
        }
    }

    @Test func `one trainer works at a time, and one that was left behind changes nothing`() async throws {
        try await withQueue { stores, one, two in
            let run = try await stores.training.request(nil, by: "a", nowMs: 1000).run
            let old = try #require(try await one.takeLease())
            #expect(try await two.takeLease() == nil)
            #expect(try await one.takeLease() == old, "it is still its own")
            #expect(try await take(one, old)?.run == run)
            #expect(try await one.report(run, fence: old, [(name: "percent", value: "10")]) == .goOn)

            try await expireLease(stores)
            let new = try #require(try await two.takeLease())
            #expect(new > old)
            #expect(try await take(two, new) == TrainingOrder(run: run, mode: .manual, attempt: 2))
            #expect(try await one.report(run, fence: old, [(name: "percent", value: "99")]) == .superseded)
            #expect(try await !one.finish(run, fence: old, TrainingEnd(.succeeded, release: "old"), nowMs: 3000))
            await #expect(throws: StoreError.self) { try await take(one, old) }
            #expect(try await stores.releases.latest() == nil)
            let end = TrainingEnd(.succeeded, release: "new", metrics: ["ndcg": 0.25])
            #expect(try await two.finish(run, fence: new, end, nowMs: 3000))
            #expect(try await stores.releases.latest() == "new")
            let over = try #require(try await stores.training.run(run))
            #expect(over.state == .succeeded && over.release == "new" && over.metrics == ["ndcg": 0.25])
            #expect(over.finishedAtMs == 3000 && over.percent == 0)
            #expect(try await take(two, new) == nil)
            #expect(try await !two.hasWork())
        }
    }

    @Test func `a lease that ran out while nobody else came is kept`() async throws {
        try await withQueue { stores, one, two in
            let run = try await stores.training.request(nil, by: "a", nowMs: 1000).run
            let fence = try #require(try await one.takeLease())
            _ = try await take(one, fence)
            try await expireLease(stores)
            #expect(try await one.report(run, fence: fence, []) == .goOn)
            #expect(try await two.takeLease() == nil)
        }
    }

    @Test func `a run whose trainer dies is begun again, but not for ever`() async throws {
        try await withQueue { stores, one, _ in
            let run = try await stores.training.request(nil, by: "a", nowMs: 1000).run
            let next = try await stores.training.request(.autonomous, by: "a", nowMs: 1000).run
            let fence = try #require(try await one.takeLease())
            #expect(try await take(one, fence, attemptsMax: 2)?.attempt == 1)
            #expect(try await take(one, fence, attemptsMax: 2)?.attempt == 2)
            #expect(try await take(one, fence, attemptsMax: 2)?.run == next)
            let failed = try #require(try await stores.training.run(run))
            #expect(failed.state == .failed && failed.error?.contains("died 2 times") == true)
        }
    }

    @Test func `an orderly stop is no attempt that failed`() async throws {
        try await withQueue { stores, one, two in
            let run = try await stores.training.request(nil, by: "a", nowMs: 1000).run
            let fence = try #require(try await one.takeLease())
            #expect(try await take(one, fence, attemptsMax: 1) != nil)
            #expect(try await one.finish(run, fence: fence, TrainingEnd(.interrupted), nowMs: 3000))
            #expect(try await stores.training.run(run)?.state == .interrupted)
            try await one.giveLeaseBack()
            #expect(try await two.hasWork())
            let new = try #require(try await two.takeLease())
            #expect(try await take(two, new, attemptsMax: 1)?.attempt == 1)
        }
    }

    @Test func `runs are cancelled whether they wait, are in hand or were left behind`() async throws {
        try await withQueue { stores, one, _ in
            let training = stores.training
            let first = try await training.request(nil, by: "a", nowMs: 1000).run
            let second = try await training.request(.manual, by: "a", nowMs: 1001).run
            #expect(try await training.cancel(second, nowMs: 1500) == .cancelled)
            #expect(try await training.queue().waiting == 1)
            #expect(try await training.cancel(second, nowMs: 1500) == .cancelled)
            #expect(try await training.cancel("none", nowMs: 1500) == nil)
            let fence = try #require(try await one.takeLease())
            _ = try await take(one, fence)
            #expect(try await training.cancel(first, nowMs: 1600) == .running)
            #expect(try await one.report(first, fence: fence, []) == .cancel)
            // Its trainer dies before it can stop; the next one does not begin it again.
            #expect(try await take(one, fence) == nil)
            #expect(try await training.run(first)?.state == .cancelled)
        }
    }

    @Test func `a plain push is a request, and one that makes no sense is shown as failed`() async throws {
        try await withQueue { stores, one, _ in
            for text in ["autonomous", "", "nonsense", "manual id=mine by=me"] {
                _ = try await stores.client.send(RPUSH("training:pending", [.string(text)]))
            }
            let fence = try #require(try await one.takeLease())
            var orders: [TrainingOrder] = []
            for _ in 1...3 {
                let order = try #require(
                    try await one.take(
                        fence: fence, attemptsMax: 3, mode: .manual, nowMs: Int64(2000 + orders.count)))
                orders.append(order)
                #expect(
                    try await one.finish(order.run, fence: fence, TrainingEnd(.succeeded), nowMs: 3000))
            }
            #expect(orders.map(\.mode) == [.autonomous, .manual, .manual])
            #expect(orders.last?.run == "mine")
            #expect(try await take(one, fence) == nil)
            let runs = try await stores.training.latest(countMax: 10)
            #expect(runs.count == 4)
            #expect(
                runs.filter { $0.state == .failed }.map(\.error) == [
                    "\"nonsense\" is no mode; it is manual, autonomous, or left out"
                ])
        }
    }

    @Test func `a time of the schedule is asked for once, by whomever, and the first time only marked`() async throws {
        try await withQueue { stores, one, two in
            #expect(try await one.scheduled(atMs: 1000, nowMs: 1001) == nil)
            #expect(try await two.scheduled(atMs: 1000, nowMs: 1002) == nil)
            // Three times were missed; they are made up once.
            let ticket = try #require(try await two.scheduled(atMs: 4000, nowMs: 4001))
            #expect(try await one.scheduled(atMs: 4000, nowMs: 4002) == nil)
            #expect(try await one.scheduled(atMs: 3000, nowMs: 4003) == nil)
            #expect(try await one.scheduled(atMs: 5000, nowMs: 5001)?.isJoined == true)
            #expect(try await stores.training.run(ticket.run)?.by == "schedule")
        }
    }

    @Test func `keys end by themselves or are bounded`() async throws {
        try await withQueue { stores, one, _ in
            var last = ""
            let fence = try #require(try await one.takeLease())
            for number in 0..<210 {
                last = try await stores.training.request(nil, by: "a", nowMs: Int64(1000 + number)).run
                _ = try await take(one, fence)
                #expect(try await one.finish(last, fence: fence, TrainingEnd(.succeeded), nowMs: 3000))
            }
            #expect(try await stores.training.latest(countMax: 1000).count == 200)
            guard case .seconds(let seconds) = try await stores.client.send(TTL("training:run:\(last)")) else {
                Issue.record("a run without end")
                return
            }
            #expect(seconds > 29 * 86_400)
            for number in 0..<100 {
                _ = try await stores.client.send(RPUSH("training:pending", [.string("manual id=x\(number)")]))
            }
            await #expect(throws: StoreError.self) {
                try await stores.training.request(.autonomous, by: "a", nowMs: 9000)
            }
        }
    }
}
