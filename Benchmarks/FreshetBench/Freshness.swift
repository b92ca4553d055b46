// From an event to a recommendation that follows from it: XADD, then a read that waits for that entry. Events come at fixed
// times whatever the system does, and latency counts from the time an event was due: no coordinated omission.

import Glibc
import Synchronization

/// The time from an event to its effect in a recommendation.
struct Freshness {
    static let p99MsMax = 10.0
    private static let connectionCount = 32

    let system: BenchSystem
    let seconds: Int
    let ratePerSecond: Int

    func measure(into report: inout Report) async throws {
        try await system.waitUntilApplied()
        let samples = Mutex<[Double]>([])
        let failures = Mutex<[String]>([])
        let start = Self.nowSeconds() + 0.2
        let eventCount = ratePerSecond * seconds
        var threads: [pthread_t] = []
        for worker in 0..<Self.connectionCount {
            threads.append(
                try Self.thread {
                    do {
                        let latencies = try run(worker: worker, start: start, eventCount: eventCount)
                        samples.withLock { $0 += latencies }
                    } catch { failures.withLock { $0.append("\(error)") } }
                })
        }
        for thread in threads { pthread_join(thread, nil) }
        if let failure = failures.withLock({ $0.first }) { throw BenchError(failure) }
        let sorted = samples.withLock { $0.sorted() }
        func percentile(_ share: Double) -> Double { sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))] }
        report.note(
            "event to recommendation, ms",
            "p50 \(Report.decimal(percentile(0.5), digits: 2)), p90 \(Report.decimal(percentile(0.9), digits: 2)), "
                + "max \(Report.decimal(sorted.last ?? 0, digits: 2)) of \(sorted.count) events at \(ratePerSecond)/s")
        report.check(
            "event to recommendation, p99 ms", Report.decimal(percentile(0.99), digits: 2),
            limit: Report.decimal(Self.p99MsMax, digits: 0), isMet: percentile(0.99) < Self.p99MsMax)
    }

    /// Every n-th event of the schedule, over connections of its own; latencies in milliseconds.
    private func run(worker: Int, start: Double, eventCount: Int) throws -> [Double] {
        let redis = try BlockingSocket(port: system.redisPort)
        let gateway = try BlockingSocket(port: system.gatewayPort)
        var latencies: [Double] = []
        for event in stride(from: worker, to: eventCount, by: Self.connectionCount) {
            let due = start + Double(event) / Double(ratePerSecond)
            let wait = due - Self.nowSeconds()
            if wait > 0 { usleep(UInt32(wait * 1_000_000)) }
            let user = (event * 7) % BenchSystem.userCount
            let id = try redis.addEvent(user: "\(user)", item: "\(100_000 + (event * 31) % BenchSystem.itemCount)")
            let answer = try gateway.get("/v1/recommendations/\(user)?k=100&after=\(id)&wait_ms=2000")
            guard answer.status == 200, answer.body.contains("\"stale\":false") else {
                throw BenchError("event \(id) of user \(user) is not in the answer: \(answer.body.prefix(300))")
            }
            latencies.append((Self.nowSeconds() - due) * 1000)
        }
        return latencies
    }

    private static func nowSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// A thread of its own: a blocking socket must not hold up the pool that everything else runs on.
    private static func thread(_ body: @escaping @Sendable () -> Void) throws -> pthread_t {
        final class Box: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(body))
        let code = pthread_create(
            &thread, nil,
            { pointer in
                if let pointer { Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body() }
                return nil
            }, box.toOpaque())
        guard code == 0 else { throw BenchError("no thread could be made") }
        return thread
    }
}
