// Clients that read without a pause, through kills and restarts, and hold every answer against the release that it names.

import Fixtures
import Stores
import Synchronization
import WebClient

/// Readers of a gateway that is killed now and then.
final class TruthReaders: Sendable {
    static let placeCount = 10

    /// What was seen.
    struct Seen {
        var count = 0
        /// The last answer's release.
        var release: String?
        var releases: Set<String> = []
        /// Connections that ended with the gateway.
        var cuts = 0
        var faults: [String] = []
    }

    private let system: FreshetSystem
    private let port: Int
    private let users: [String]
    private let goesOn = Switch()
    private let state = Mutex(Seen())
    private let truths = Truths()

    /// - Parameter users: whom to ask for.
    init(_ system: FreshetSystem, port: Int, users: [String]) {
        self.system = system
        self.port = port
        self.users = users
    }

    var seen: Seen { state.withLock { $0 } }

    /// Reads beside `body`, a connection for each seed.
    func run(seeds: [UInt64], _ body: () async throws -> Void) async throws {
        try await running(seeds: seeds, while: goesOn, read, beside: body)
    }

    /// Waits until the next answers come from a release.
    func awaitRelease(_ release: String) async throws {
        let before = seen.count
        try await eventually("an answer of \(release)", seconds: 60) {
            let seen = seen
            return seen.release == release && seen.count > before + 5
        }
    }

    private func read(_ seed: UInt64) async {
        var random = SeededRandom(seed: seed)
        while goesOn.isOn, !Task.isCancelled {
            do {
                try await HTTP.withConnection(port) { connection in
                    while goesOn.isOn {
                        let user = users.randomElement(using: &random) ?? "nobody"
                        let answer = try await connection.get(
                            "/v1/recommendations/\(user)?k=\(Self.placeCount)&explain=true")
                        await check(answer, of: user)
                    }
                }
            } catch {
                state.withLock { $0.cuts += 1 }
                // If it never does, who waits for answers says so.
                try? await eventually("the gateway listens again", seconds: 30) {
                    guard goesOn.isOn else { return true }
                    return (try? await HTTP.get(port, "/healthz").status) == 200
                }
            }
        }
    }

    private func check(_ answer: HTTPAnswer, of user: String) async {
        var faults: [String] = []
        var release: String?
        do {
            guard answer.status == 200 else { throw UnexpectedBody(description: "\(answer.status)") }
            let read = try answer.decode(ExplainedAnswer.self)
            let items = read.recommendations.map(\.item_id)
            if read.served_by != "full" || Set(items).count != Self.placeCount { faults.append("not full") }
            let truth = try await truths.of(read.generation, system)
            release = truth.release
            faults += truth.faults(in: read, for: user)
        } catch { faults.append("\(error)") }
        state.withLock { seen in
            seen.count += 1
            seen.release = release ?? seen.release
            if let release { seen.releases.insert(release) }
            if !faults.isEmpty {
                seen.faults.append("\(user): \(faults.prefix(3)) in \(answer.text.prefix(500))")
            }
        }
    }

    /// Releases by generation, read once.
    private actor Truths {
        private var known: [Int: ReleaseTruth] = [:]

        func of(_ generation: Int, _ system: FreshetSystem) async throws -> ReleaseTruth {
            if let truth = known[generation] { return truth }
            guard let info = try await system.stores.generations.info(generation) else {
                throw UnexpectedBody(description: "generation \(generation) is not known to Redis")
            }
            let truth = try await ReleaseTruth(info.release, from: system.releases)
            known[generation] = truth
            return truth
        }
    }
}
