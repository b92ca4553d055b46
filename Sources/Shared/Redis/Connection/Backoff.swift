// Capped exponential backoff with full jitter, from M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog,
// 2015: sleep = random between 0 and min(cap, base * 2^attempt). Spreads the reconnects of many clients after an outage.

import NIOCore

struct Backoff: Sendable {
    private let baseMs: Int
    private let maxMs: Int
    private var attempt = 0

    init(baseMs: Int, maxMs: Int) {
        self.baseMs = baseMs
        self.maxMs = maxMs
    }

    /// The next pause in milliseconds.
    mutating func nextMs(using generator: inout some RandomNumberGenerator) -> Int {
        // Beyond 20 doublings any base of at least 1 ms is above any sensible cap.
        let range = min(maxMs, baseMs << min(attempt, 20))
        attempt += 1
        return Int.random(in: 0...max(0, range), using: &generator)
    }

    /// The next pause in milliseconds.
    mutating func nextMs() -> Int {
        var generator = SystemRandomNumberGenerator()
        return nextMs(using: &generator)
    }

    /// Starts over after a connection that lasted. One that was lost sooner than the longest pause counts as a further
    /// failure: a server that greets and hangs up is not to be called without pause.
    mutating func connectionEnded(after lifetime: TimeAmount) {
        if lifetime >= .milliseconds(Int64(maxMs)) { attempt = 0 }
    }
}
