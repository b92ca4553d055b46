// Waiting for a reload: first for the loader's word, then for every instance's.

import ArgumentParser
import Stores
import Telemetry

/// Follows a request until all instances serve what came of it.
struct ReloadWaiter: Sendable {
    private static let pollMs = 20

    let stores: RedisStores
    let startedMs: Int64
    let timeoutSeconds: Int

    /// The generation that the loader made of the request. Throws the reason if it refused.
    func waitForOutcome(of request: String) async throws -> Int {
        while true {
            if let outcome = try await stores.releases.outcome(), outcome.request == request {
                if outcome.state == "waiting" {
                    throw OperatorError(
                        "it waits for a person: \(outcome.reason ?? "no reason given"). `freshet release report` shows what it "
                            + "changes, `freshet release approve` makes it live. The live generation stays.")
                }
                if let generation = outcome.generation { return generation }
                throw OperatorError("refused: \(outcome.reason ?? "no reason given"). The live generation stays.")
            }
            try await pause("no loader has taken the request; is `freshet loader` running?")
        }
    }

    /// Waits until every instance that is alive has acknowledged `generation`, and prints how long it took.
    func waitForInstances(_ generation: Int) async throws {
        while true {
            let alive = try await stores.instances.alive(nowMs: UTCTime.nowMs())
            let acknowledgements = try await stores.instances.acknowledgements(of: generation)
            let late = alive.filter { acknowledgements[$0] == nil }
            if late.isEmpty {
                // The last word counts, not the moment we looked.
                let lastMs = alive.compactMap { acknowledgements[$0] }.max() ?? UTCTime.nowMs()
                print(
                    "\(alive.count)/\(alive.count) instances on generation \(generation) after \(max(0, lastMs - startedMs)) ms"
                )
                return
            }
            try await pause(
                "\(alive.count - late.count)/\(alive.count) instances on generation \(generation); late: "
                    + late.joined(separator: ", "))
        }
    }

    private func pause(_ complaint: String) async throws {
        guard UTCTime.nowMs() - startedMs < Int64(timeoutSeconds) * 1000 else {
            throw OperatorError("gave up after \(timeoutSeconds) s: \(complaint)")
        }
        try await Task.sleep(for: .milliseconds(Self.pollMs))
    }
}

/// Something an operator's command could not do, in words for the operator.
struct OperatorError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
