// The HTTP side of the features consumer: similar items for clients of the classic layout, and how the consumer is
// doing.

import Embedded
import Hummingbird
import Models
import Stores
import WebService

/// Adds the role's routes.
struct FeaturesRoutes: Sendable {
    /// How long Redis may take for a request.
    static let deadlineMs = 1000
    /// The most similar items that can be asked for.
    static let countMax = 500

    let stores: RedisStores
    let live: LiveGeneration
    let statistics: FeaturesStatistics
    let telemetry: ServiceTelemetry

    func router() -> Router<ServiceContext> {
        let router = makeRouter()
        ServiceRoutes(title: "Freshet features", openAPI: .featuresOpenAPI, telemetry: telemetry) { await findings() }
            .add(to: router)
        router.post("/similar_items") { request, _ in try await similarItems(request) }
        router.get("/v1/stats") { _, _ in await stats() }
        return router
    }

    private func similarItems(_ request: Request) async throws -> Response {
        let query = try QueryReader(request, known: ["item_id", "k"], unknown: .ignored)
        guard let item = ItemID(try query.required("item_id")) else {
            throw Problem.invalid("item_id", "must be \(IdentifierRule.description)")
        }
        let count = try query.integer("k", in: 1...Self.countMax, default: 10)
        let similar = try await similarItems(of: item).prefix(count)
        var writer = JSONWriter(capacity: 64 + similar.count * 24)
        writer.object { answer in
            answer.key("sim_itemid")
            answer.array { list in for one in similar { list.numberOrPlainString(one.item.text) } }
            answer.key("sim_score")
            answer.array { list in for one in similar { list.number(one.score) } }
        }
        return .json(writer)
    }

    /// Without a generation there are no similar items, which is what the classic service answered before its first
    /// lists.
    private func similarItems(of item: ItemID) async throws -> [ScoredItem] {
        guard let generation = live.current else { return [] }
        do {
            return try await stores.lists.similar([item], generation: generation, deadlineMs: Self.deadlineMs).first
                ?? []
        } catch let error as StoreError {
            throw Problem.serviceUnavailable("the lists cannot be read: \(error)", retryAfterSeconds: 1)
        }
    }

    private func stats() async -> Response {
        let counts = statistics.snapshot
        let progress = try? await features()
        var writer = JSONWriter(capacity: 384)
        writer.object { answer in
            answer.field("consumed", counts.consumed)
            answer.field("applied", counts.applied)
            answer.field("older", counts.older)
            answer.field("repeated", counts.repeated)
            answer.field("clamped", counts.clamped)
            answer.field("quarantined", counts.quarantined)
            answer.field("claimed", counts.claimed)
            answer.key("generation")
            if let generation = live.current { answer.integer(generation) } else { answer.null() }
            answer.key("lag")
            if let lag = progress?.lag { answer.integer(lag) } else { answer.null() }
            answer.key("pending")
            if let progress { answer.integer(progress.pending) } else { answer.null() }
            answer.key("last_applied_id")
            if let id = counts.lastApplied { answer.plainString(id.description) } else { answer.null() }
            answer.key("event_to_applied_ms")
            answer.object { latency in
                latency.field("samples", counts.sortedLatenciesMs.count)
                for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
                    latency.key(name)
                    if let milliseconds = counts.latencyMs(share: share) {
                        latency.integer(milliseconds)
                    } else {
                        latency.null()
                    }
                }
            }
        }
        return .json(writer)
    }

    /// Entries that the group has yet to read, nil if Redis cannot tell, and those it has yet to acknowledge.
    private func features() async throws -> (lag: Int?, pending: Int) {
        let streams = try await stores.events.progress(deadlineMs: Self.deadlineMs)
            .filter { $0.group == ConsumerGroup.features.rawValue }
        guard streams.count == stores.events.partitions else {
            throw StoreError(.notFound, "the consumer group does not exist yet")
        }
        let lags = streams.compactMap(\.lag)
        return (lags.count == streams.count ? lags.reduce(0, +) : nil, streams.reduce(0) { $0 + $1.pending })
    }

    private func findings() async -> [ReadinessFinding] {
        if let fault = await stores.fault(deadlineMs: Self.deadlineMs) {
            return [ReadinessFinding(name: "redis", isOK: false, detail: fault)]
        }
        let group: ReadinessFinding
        do {
            let progress = try await features()
            let lag = progress.lag.map(String.init) ?? "unknown"
            group = ReadinessFinding(name: "group", isOK: true, detail: "lag \(lag), pending \(progress.pending)")
        } catch { group = ReadinessFinding(name: "group", isOK: false, detail: "\(error)") }
        let generation =
            live.current.map { ReadinessFinding(name: "generation", isOK: true, detail: "\($0) is live") }
            ?? ReadinessFinding(name: "generation", isOK: false, detail: "none is live; load one with `freshet reload`")
        return [ReadinessFinding(name: "redis", isOK: true, detail: "answers"), group, generation]
    }
}
