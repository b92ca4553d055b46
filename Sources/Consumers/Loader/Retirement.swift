// Which generations go, and when. Removing is the writer's part; this decides.

import Logging
import Stores

/// Removes generations that nobody needs any more.
struct Retirement: Sendable {
    let generations: GenerationStore
    let writer: GenerationWriter
    let generationsKept: Int
    let graceMs: Int64
    let keysPerSecond: Int
    let logger: Logger

    /// Removes what is due. Call it only while holding the loader's lease: a generation that is being loaded by nobody
    /// else is one whose loader died.
    func run(nowMs: Int64) async throws {
        for generation in Self.due(
            try await generations.all(), active: try await generations.active(),
            previous: try await generations.previous(), kept: generationsKept, graceMs: graceMs, nowMs: nowMs)
        {
            let keys = try await writer.remove(generation, keysPerSecond: keysPerSecond)
            logger.info("removed a generation", metadata: ["generation": "\(generation)", "keys": "\(keys)"])
        }
    }

    /// The generations to remove: those half loaded, half removed or kept out at once; those that wait for a person, unless
    /// they are the newest that does and nothing newer is live; those that were superseded more than
    /// `graceMs` ago, unless they are live, could be rolled back to, or are among the newest `kept` ready ones.
    static func due(
        _ all: [GenerationInfo], active: Int?, previous: [Int], kept: Int, graceMs: Int64, nowMs: Int64
    ) -> [Int] {
        let ready = all.filter { $0.state == "ready" && $0.generation != active }
        var needed = Set(previous.prefix(kept))
        if let active { needed.insert(active) }
        for info in ready.sorted(by: { $0.generation > $1.generation }).prefix(kept) { needed.insert(info.generation) }
        let waiting = all.filter { $0.state == "waiting" && $0.generation > active ?? 0 }.map(\.generation).max()
        return all.filter { info in
            guard info.generation != active, info.generation != waiting else { return false }
            guard info.state == "ready" else { return true }
            guard !needed.contains(info.generation) else { return false }
            let idleSinceMs = info.supersededAtMs ?? info.fields["loaded_at_ms"].flatMap { Int64($0) } ?? 0
            return nowMs - idleSinceMs >= graceMs
        }.map(\.generation)
    }
}
