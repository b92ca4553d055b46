// GET /v1/quality: how the lists did that users got, as their next events say.

import Dispatch
import Hummingbird
import NIOCore
import Ranking
import Stores
import Synchronization
import Telemetry
import WebService

/// Live quality over HTTP.
struct QualityRoutes: Sendable {
    private static let daysDefault = 7

    let reader: QualityReader

    /// Adds the route.
    func add(to router: Router<ServiceContext>) {
        router.get("/v1/quality") { request, _ in
            let query = try QueryReader(request, known: ["days"])
            let days = try query.integer("days", in: 1...QualityStore.daysMax, default: Self.daysDefault)
            return Response.json(try await reader.json(days: days))
        }
    }
}

/// Reads reports; whoever asks again within a second gets the one that is there, since reading one costs Redis as much as some
/// hundred answers.
final class QualityReader: Sendable {
    private static let keptNanoseconds: UInt64 = 1_000_000_000
    /// How long Redis may take, in milliseconds.
    private static let deadlineMs = 1000

    private struct Kept {
        let atNanoseconds: UInt64
        let json: JSONWriter
    }

    private let store: QualityStore
    /// By number of days.
    private let kept = Mutex<[Int: Kept]>([:])

    init(_ store: QualityStore) { self.store = store }

    /// The report on today and the days before it.
    /// - Throws: ``Problem`` if Redis does not answer.
    func json(days: Int) async throws -> JSONWriter {
        let now = DispatchTime.now().uptimeNanoseconds
        if let kept = kept.withLock({ $0[days] }), now - kept.atNanoseconds < Self.keptNanoseconds { return kept.json }
        let report = try await Problem.mapping {
            try await store.report(days: days, nowMs: UTCTime.nowMs(), deadlineMs: Self.deadlineMs)
        }
        var writer = JSONWriter(capacity: 4096)
        report.write(to: &writer)
        kept.withLock { $0[days] = Kept(atNanoseconds: now, json: writer) }
        return writer
    }
}
