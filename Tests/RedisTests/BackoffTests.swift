// The pauses between attempts to connect.

import NIOCore
import Testing

@testable import Redis

/// Always draws the top of a range.
private struct Highest: RandomNumberGenerator {
    func next() -> UInt64 { .max }
}

struct BackoffTests {
    @Test func `the range doubles up to the cap and starts over after a connection that lasted`() {
        var generator = Highest()
        var backoff = Backoff(baseMs: 50, maxMs: 2_000)
        let pauses = (0..<8).map { _ in backoff.nextMs(using: &generator) }
        #expect(pauses == [50, 100, 200, 400, 800, 1_600, 2_000, 2_000])
        backoff.connectionEnded(after: .milliseconds(1_999))
        #expect(backoff.nextMs(using: &generator) == 2_000)
        backoff.connectionEnded(after: .milliseconds(2_000))
        #expect(backoff.nextMs(using: &generator) == 50)
    }

    @Test func `the jitter is full: a pause is anything from nothing to the cap`() {
        var backoff = Backoff(baseMs: 50, maxMs: 2_000)
        let pauses = (0..<2_000).map { _ in backoff.nextMs() }.dropFirst(8)
        // One in twenty of so many draws from 0 to 2,000 is in each end's twentieth, all but certainly.
        #expect(pauses.contains { $0 < 100 })
        #expect(pauses.contains { $0 > 1_900 })
        #expect(pauses.allSatisfy { (0...2_000).contains($0) })
    }

    @Test func `a thousand failures do not overflow`() {
        var backoff = Backoff(baseMs: 1_000, maxMs: 5_000)
        for _ in 0..<1_000 { #expect((0...5_000).contains(backoff.nextMs())) }
    }
}
