// POST /put and POST /get of the classic three-service layout: query parameters in, small JSON out.

import Hummingbird
import Models
import Stores
import Synchronization
import Telemetry
import WebService

/// The routes for clients of the classic layout.
struct CompatibleRoutes: Sendable {
    /// How long `/put` waits for the event to be applied: clients of the classic layout read their write straight away.
    static let appliedWaitMs = 250
    /// Requests that wait at the same time; further ones are answered as soon as the event is on the stream.
    static let waiterCountMax = 256
    /// The most events that can be asked for.
    static let countMax = 500
    /// How long Redis may take for a question.
    static let deadlineMs = 1000

    private final class Waiters: Sendable {
        let count = Atomic(0)
    }

    let events: EventStreamStore
    let online: OnlineStore
    let reader: EventFieldsReader
    let lagGuard: LagGuard
    let statistics: IngestStatistics
    private let waiters = Waiters()

    init(
        events: EventStreamStore, online: OnlineStore, reader: EventFieldsReader, lagGuard: LagGuard,
        statistics: IngestStatistics
    ) {
        self.events = events
        self.online = online
        self.reader = reader
        self.lagGuard = lagGuard
        self.statistics = statistics
    }

    /// `/put?user_id&item_id`: a view.
    func put(_ request: Request) async throws -> Response {
        let names = [EventField.user, EventField.item]
        let query = try QueryReader(request, known: names, unknown: .ignored)
        var fields: [(name: String, value: String)] = []
        for name in names { fields.append((name, try query.required(name))) }
        let event: IncomingEvent
        switch reader.read(fields) {
        case .success(let read): event = read
        case .failure(let error): throw Problem.invalid(error.field, error.reason)
        }
        try lagGuard.check()
        let result = await events.append([(user: event.user, fields: event.fields)]).first
        guard let id = try? result?.get() else {
            statistics.unconfirmed.increment()
            return Self.answer("ERROR", status: .serviceUnavailable)
        }
        statistics.accepted.increment()
        await waitUntilApplied(id, of: event.user)
        return Self.answer("OK")
    }

    /// `/get?user_id&k`: the items that the user touched lately, newest first.
    func get(_ request: Request) async throws -> Response {
        let query = try QueryReader(request, known: [EventField.user, "k"], unknown: .ignored)
        guard let user = UserID(try query.required(EventField.user)) else {
            throw Problem.invalid(EventField.user, "must be \(IdentifierRule.description)")
        }
        let count = try query.integer("k", in: 1...Self.countMax, default: 10)
        let entries: ArraySlice<OnlineEntry>
        do {
            entries = try await online.entries(of: user, deadlineMs: Self.deadlineMs).prefix(count)
        } catch let error as StoreError {
            throw Problem.serviceUnavailable("the user's events cannot be read: \(error)", retryAfterSeconds: 1)
        }
        var writer = JSONWriter(capacity: 32 + entries.count * 16)
        writer.object { answer in
            answer.key("events")
            answer.array { list in for entry in entries { list.numberOrPlainString(entry.item.text) } }
        }
        return .json(writer)
    }

    /// Asks until the consumers are done with the entry, at most ``appliedWaitMs``. The event is safe either way.
    private func waitUntilApplied(_ id: StreamID, of user: UserID) async {
        let others = waiters.count.wrappingAdd(1, ordering: .relaxed).oldValue
        defer { waiters.count.wrappingSubtract(1, ordering: .relaxed) }
        guard others < Self.waiterCountMax else { return }
        let deadline = ContinuousClock.now + .milliseconds(Self.appliedWaitMs)
        var pauseMs = 1
        while ContinuousClock.now < deadline {
            do {
                try await Task.sleep(for: .milliseconds(pauseMs))
                if try await events.isDone(id, of: user, group: .features, deadlineMs: Self.appliedWaitMs) { return }
            } catch { return }
            pauseMs = min(pauseMs * 2, 8)
        }
    }

    private static func answer(_ result: String, status: HTTPResponse.Status = .ok) -> Response {
        var writer = JSONWriter(capacity: 24)
        writer.object { $0.field("result", result) }
        return .json(writer, status: status)
    }
}
