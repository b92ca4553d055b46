// A door before a real tracking server: shut, nobody answers behind it; and it can hold an answer back, so that a test can
// end whoever waits for it at exactly that point.

import Synchronization
import TestServers

/// Forwards connections to a port, as long as it is open.
final class TrackingDoor: Sendable {
    private struct State {
        var isOpen = true
        /// How many more answers pass before one is held; nil for all.
        var answersLeft: Int?
        var isHolding = false
    }

    private final class Shared: Sendable {
        let state = Mutex(State())
    }

    private let shared: Shared
    private let listener: LoopbackListener

    var address: String { "http://127.0.0.1:\(listener.port)" }
    /// Whether an answer is held back.
    var isHolding: Bool { shared.state.withLock { $0.isHolding } }

    init(to port: Int) throws {
        let shared = Shared()
        self.shared = shared
        listener = try LoopbackListener { client, _ in
            guard shared.state.withLock({ $0.isOpen }), let server = try? LoopbackConnection(port: port) else {
                return client.cut()
            }
            BlockingThread.run {
                while case let bytes = client.read(), !bytes.isEmpty, server.write(bytes) {}
                server.cut()
            }
            while case let bytes = server.read(), !bytes.isEmpty {
                let isHeld = shared.state.withLock { state in
                    guard let left = state.answersLeft else { return false }
                    state.answersLeft = left - 1
                    if left <= 0 { state.isHolding = true }
                    return left <= 0
                }
                guard !isHeld, client.write(bytes) else { break }
            }
            // A held answer stays away until its reader is gone.
            if !shared.state.withLock({ $0.isHolding }) { client.cut() }
            server.cut()
        }
    }

    func shut() { shared.state.withLock { $0.isOpen = false } }

    /// Lets everything through again.
    func open() { shared.state.withLock { $0 = State() } }

    /// Lets so many answers pass and holds the next one, which the server has given.
    func hold(afterAnswers count: Int) { shared.state.withLock { $0 = State(answersLeft: count) } }

    func close() { listener.close() }
}
