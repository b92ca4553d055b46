// POST /v1/events: the answer is given when Redis has the events, and says exactly which of them it has.

import Hummingbird
import Models
import Stores
import Telemetry
import WebService

/// Takes events from producers.
struct EventsRoute: Sendable {
    /// Events appended in one pipeline; a larger request takes several, so that it does not crowd out others.
    static let pipelineCountMax = 1000

    let events: EventStreamStore
    let reader: EventRequestReader
    let lagGuard: LagGuard
    let statistics: IngestStatistics

    func handle(_ request: Request, _ context: ServiceContext) async throws -> Response {
        let form = try request.bodyForm()
        try lagGuard.check()
        let body = try await request.wholeBody(context)
        let incoming = try reader.read(Array(body.readableBytesView), form: form)
        let mark = context.trace.mark
        let appended = await append(incoming)
        context.trace.add(.redis, since: mark)
        let missing = appended.indices.filter { appended[$0] == nil }
        statistics.accepted.increment(by: appended.count - missing.count)
        statistics.unconfirmed.increment(by: missing.count)
        guard missing.isEmpty else { return partialAnswer(appended, missing: missing) }
        var writer = JSONWriter(capacity: 48 + appended.count * 24)
        writer.object { answer in
            answer.field("accepted", appended.count)
            Self.writeIDs(appended, to: &answer)
        }
        return .json(writer)
    }

    /// The id of each event, nil for those that Redis has not confirmed. Behind a pipeline that failed nothing is
    /// tried.
    private func append(_ incoming: [IncomingEvent]) async -> [StreamID?] {
        var ids: [StreamID?] = []
        ids.reserveCapacity(incoming.count)
        while ids.count < incoming.count {
            let part = incoming[ids.count..<min(ids.count + Self.pipelineCountMax, incoming.count)]
            let results = await events.append(part.map { (user: $0.user, fields: $0.fields) })
            ids += results.map { try? $0.get() }
            guard results.allSatisfy({ (try? $0.get()) != nil }) else { break }
        }
        return ids + Array(repeating: nil, count: incoming.count - ids.count)
    }

    /// 503 as problem+json with two members more: the ids, null where there is none, and the places to send again.
    private func partialAnswer(_ ids: [StreamID?], missing: [Int]) -> Response {
        let problem = Problem.serviceUnavailable(
            """
            Redis confirmed \(ids.count - missing.count) of \(ids.count) events; send those listed in "missing" again. \
            One that arrived unconfirmed has no second effect if it carries an event_id
            """, retryAfterSeconds: 1)
        var writer = JSONWriter(capacity: 320 + ids.count * 24)
        writer.object { answer in
            answer.field("type", "about:blank")
            answer.field("title", problem.status.reasonPhrase)
            answer.field("status", problem.status.code)
            answer.field("detail", problem.detail)
            answer.field("accepted", ids.count - missing.count)
            Self.writeIDs(ids, to: &answer)
            answer.key("missing")
            answer.array { list in for place in missing { list.integer(place) } }
        }
        var response = problem.response
        response.body = ResponseBody(byteBuffer: writer.buffer)
        return response
    }

    private static func writeIDs(_ ids: [StreamID?], to answer: inout JSONWriter) {
        answer.key("ids")
        answer.array { list in
            for id in ids {
                if let id { list.plainString(id.description) } else { list.null() }
            }
        }
    }
}

extension LagGuard {
    /// - Throws: ``Problem`` 429 while the consumers are behind.
    func check() throws(Problem) {
        guard isBehind, case .entries(let count) = lag else { return }
        throw .tooManyRequests(
            "consumers have \(count) events to catch up with, the limit is \(lagCountMax); send the events again later",
            retryAfterSeconds: Self.retryAfterSeconds)
    }
}
