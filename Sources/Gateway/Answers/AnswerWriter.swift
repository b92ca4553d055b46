// An answer as JSON and as headers.

import HTTPTypes
import Hummingbird
import Models
import NIOCore
import Ranking
import WebService

extension HTTPField.Name {
    // The texts are valid field names, so the fallbacks are never taken.
    /// The generation that an answer was computed from.
    static let generation = HTTPField.Name("X-Generation") ?? .from
    /// The rung of the ladder.
    static let servedBy = HTTPField.Name("X-Served-By") ?? .from
    /// The newest event in the user's online state.
    static let onlineAsOf = HTTPField.Name("X-Online-As-Of") ?? .from
}

extension Rung {
    /// The header that names the rung, made once for each.
    var header: HTTPField {
        switch self {
        case .full: Self.fullHeader
        case .online: Self.onlineHeader
        case .offline: Self.offlineHeader
        case .popular: Self.popularHeader
        }
    }

    private static let fullHeader = HTTPField(name: .servedBy, value: full.rawValue)
    private static let onlineHeader = HTTPField(name: .servedBy, value: online.rawValue)
    private static let offlineHeader = HTTPField(name: .servedBy, value: offline.rawValue)
    private static let popularHeader = HTTPField(name: .servedBy, value: popular.rawValue)
}

extension Answer {
    /// The answer of the routes below /v1/recommendations; the trace hears how long it took to write.
    func response(_ trace: RequestTrace?) -> Response {
        let mark = trace.mark
        defer { trace.add(.write, since: mark) }
        let body: ByteBuffer
        if explanation == nil {
            body = plainBytes
        } else {
            var writer = JSONWriter(capacity: 512 + places.count * 256)
            write(to: &writer)
            body = writer.buffer
        }
        var headers = Self.headers
        headers.append(generation.header)
        headers.append(rung.header)
        if let onlineAsOf { headers.append(HTTPField(name: .onlineAsOf, value: onlineAsOf.description)) }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    private static let headers: HTTPFields = [.contentType: "application/json"]

    /// The answer of the classic routes: the items and nothing else, integers as numbers.
    var classicResponse: Response {
        var writer = JSONWriter(capacity: 16 + places.count * 16)
        writer.object { writer in
            writer.key("recs")
            writer.array { writer in
                for place in places { writer.numberOrPlainString(place.item.text) }
            }
        }
        return .json(writer)
    }

    /// Writes the answer as an object.
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("user_id")
            if let user { writer.plainString(user.text) } else { writer.null() }
            writer.field("generation", generation.generation)
            writer.key("blend")
            writer.plainString(blend.rawValue)
            writer.key("served_by")
            writer.plainString(rung.rawValue)
            writer.key("online_as_of")
            if let onlineAsOf { writer.plainString(onlineAsOf.description) } else { writer.null() }
            writer.field("stale", isStale)
            writer.key("recommendations")
            writer.array { writer in
                for (index, place) in places.enumerated() {
                    writer.object { writer in
                        writer.key("item_id")
                        writer.plainString(place.item.text)
                        writer.field("place", index + 1)
                        writer.key("source")
                        writer.plainString(place.source.rawValue)
                        if let explanation { explain(place, explanation, &writer) }
                    }
                }
            }
            if let explanation { write(explanation, &writer) }
        }
    }

    private func explain(_ place: Place, _ explanation: Explanation, _ writer: inout JSONWriter) {
        writer.field("source_place", place.sourcePlace)
        writer.key("similarity")
        if let similarity = place.similarity { writer.number(similarity) } else { writer.null() }
        writer.field("score", place.score)
        writer.key("cause")
        if let cause = place.cause, explanation.touches.indices.contains(cause) {
            writer.object { $0.touch(explanation.touches[cause]) }
        } else {
            writer.null()
        }
        writer.field("generation", generation.generation)
    }

    private func write(_ explanation: Explanation, _ writer: inout JSONWriter) {
        writer.key("touched")
        writer.array { writer in
            for (index, touch) in explanation.touches.enumerated() {
                writer.object { writer in
                    writer.touch(touch)
                    writer.field("used", index < explanation.touchesUsed)
                }
            }
        }
        writer.key("dropped")
        writer.array { writer in
            for dropped in explanation.dropped {
                writer.object { writer in
                    writer.key("item_id")
                    writer.plainString(dropped.item.text)
                    writer.field("source", dropped.source.rawValue)
                    writer.field("source_place", dropped.sourcePlace)
                    writer.field("reason", dropped.reason.rawValue)
                }
            }
        }
    }
}

extension JSONWriter {
    /// Writes what is said of a touch, within an object. An anonymous session's touches have no place in time.
    fileprivate mutating func touch(_ touch: OnlineEntry) {
        key("item_id")
        plainString(touch.item.text)
        field("event", touch.type)
        key("ts")
        if touch.id == .zero { null() } else { integer(touch.timestampMs) }
        key("stream_id")
        if touch.id == .zero { null() } else { plainString(touch.id.description) }
    }
}
