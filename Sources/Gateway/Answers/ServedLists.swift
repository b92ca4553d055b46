// Remembers what some users got, so that their next events can be held against it. Answers are not delayed by it: they leave
// their lists in a bounded queue, from which a loop of its own writes them to Redis; what does not fit is dropped and counted.

import Dispatch
import Loops
import Models
import Ranking
import ServiceLifecycle
import Settings
import Stores
import Synchronization
import Telemetry

/// The way of served lists into Redis.
final class ServedLists: Service {
    /// Lists that wait, at most.
    static let waitingMax = 4096
    /// Lists in one pipeline; Redis answers nobody else meanwhile.
    private static let batchMax = 128
    /// How long lists are collected, in milliseconds: a person's next event is further off, and a pipeline for each list
    /// would cost as much as the answers.
    private static let lingerMs = 10
    /// How long Redis may take for a pipeline, in milliseconds.
    private static let deadlineMs = 1000

    private struct Waiting {
        let list: ServedList
        /// When it was served, in nanoseconds of a steady clock.
        let atNanoseconds: UInt64
    }

    private let store: ServedListStore
    private let settings: LiveQualitySettings
    private let blendDefault: Blend
    private let leavesOutTouched: Bool
    private let waiting = Mutex<[Waiting]>([])
    private let bell = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    private let remembered: CounterCell
    private let dropped: CounterCell
    private let failed: CounterCell

    /// - Parameters:
    ///   - blendDefault: the blend of requests that name none.
    ///   - leavesOutTouched: whether answers leave out what their user touched.
    init(
        _ store: ServedListStore, settings: LiveQualitySettings, blendDefault: Blend, leavesOutTouched: Bool,
        metrics: MetricsRegistry
    ) {
        func lists(_ outcome: String) -> CounterCell {
            metrics.counter(GatewayMetrics.servedLists, ["outcome": outcome])
        }
        self.store = store
        self.settings = settings
        self.blendDefault = blendDefault
        self.leavesOutTouched = leavesOutTouched
        (remembered, dropped, failed) = (lists("remembered"), lists("dropped"), lists("failed"))
    }

    /// Takes an answer in, if it is a list that a person may react to: of a sampled user, and whole. What leaves items out by
    /// request (a further page, one category), asks for one side alone or wants to be explained is something else.
    func note(_ answer: Answer, _ options: AnswerOptions) {
        guard let user = answer.user, settings.sample.contains(user), !answer.places.isEmpty, !options.isExplained,
            options.excluded.isEmpty, options.category == nil,
            options.blend == blendDefault || (options.blend != .online && options.blend != .offline)
        else { return }
        // A copy: what waits must not keep whole answers in memory.
        let list = ServedList(
            user: user, blend: answer.blend, generation: answer.generation.generation,
            places: Array(answer.places.prefix(ServedList.placesMax)), isOfNewItems: leavesOutTouched)
        let one = Waiting(list: list, atNanoseconds: DispatchTime.now().uptimeNanoseconds)
        let count = waiting.withLock { waiting in
            guard waiting.count < Self.waitingMax else { return 0 }
            waiting.append(one)
            return waiting.count
        }
        if count == 0 { dropped.increment() }
        if count == 1 { bell.continuation.yield() }
    }

    /// Writes until shut down; what waits then is still written.
    func run() async throws {
        guard settings.isOn else { return try await gracefulShutdown() }
        for await _ in bell.stream.cancelOnGracefulShutdown() {
            _ = await Pacing.pause(milliseconds: Self.lingerMs)
            await write()
        }
        await write()
    }

    private func write() async {
        let lists = waiting.withLock { waiting in
            defer { waiting.removeAll(keepingCapacity: true) }
            return waiting
        }
        for start in stride(from: 0, to: lists.count, by: Self.batchMax) {
            let batch = lists[start..<min(start + Self.batchMax, lists.count)]
            let now = DispatchTime.now().uptimeNanoseconds
            let taken = await store.put(
                batch.map { (list: $0.list, ageMs: Int((now - $0.atNanoseconds) / 1_000_000)) },
                ttlSeconds: settings.listSeconds, deadlineMs: Self.deadlineMs)
            remembered.increment(by: taken)
            guard taken > 0 else {
                // Redis is away: the rest would wait as long for nothing.
                failed.increment(by: lists.count - start)
                return
            }
            failed.increment(by: batch.count - taken)
        }
    }
}
