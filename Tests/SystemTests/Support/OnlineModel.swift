// What the online state must be, computed from the stream alone and in another way than Redis computes it: for each
// item the newest event by (ts, stream id), of those the newest ten.

import Models
import NIOCore
import Redis
import Stores
import Testing

/// A touch, without what follows from it.
struct Touch: Hashable, CustomStringConvertible {
    let item: String
    let timestampMs: Int64
    let id: StreamID
    let type: String

    func isNewer(than other: Touch) -> Bool { (timestampMs, id) > (other.timestampMs, other.id) }
    var description: String { "\(item)@\(timestampMs)/\(id)/\(type)" }
}

/// An entry as it stands on the stream.
struct StreamedTouch {
    let user: String
    let eventID: String?
    let touch: Touch
}

/// The reference.
struct OnlineModel {
    static let itemsMax = 10

    /// Everything on the stream, in its order.
    let entries: [StreamedTouch]

    /// Reads the whole stream. The tests write valid events only, with times that need no clamping.
    init(of system: FreshetSystem) async throws {
        entries = try await system.stores.client.send(XRANGE("events")).map { entry in
            let fields = Dictionary(
                entry.fields.map { (String(buffer: $0.name), String(buffer: $0.value)) }
            ) { first, _ in first }
            let id = try #require(StreamID(entry.id))
            return StreamedTouch(
                user: fields["user_id"] ?? "", eventID: fields["event_id"],
                touch: Touch(
                    item: fields["item_id"] ?? "",
                    timestampMs: fields["ts"].flatMap { Int64($0) } ?? Int64(id.milliseconds),
                    id: id, type: fields["event"] ?? "view"))
        }
    }

    /// Ids of all entries.
    var ids: Set<StreamID> { Set(entries.map(\.touch.id)) }

    /// How many entries repeat an event id of the same user.
    var repetitionCount: Int { entries.count - effective.count }

    /// Entries that count: of those with one event id, the first.
    private var effective: [StreamedTouch] {
        var seen: Set<String> = []
        return entries.filter { entry in entry.eventID.map { seen.insert("\(entry.user) \($0)").inserted } ?? true }
    }

    /// Each user's touches, newest first.
    var expected: [String: [Touch]] {
        Dictionary(grouping: effective, by: \.user).mapValues { entries in
            let newest = Dictionary(grouping: entries.map(\.touch), by: \.item).values.compactMap { touches in
                touches.max { $1.isNewer(than: $0) }
            }
            return Array(newest.sorted { $0.isNewer(than: $1) }.prefix(Self.itemsMax))
        }
    }

    /// Compares every user's state in Redis.
    /// - Parameter similar: what must follow from a touch of an item.
    func check(_ system: FreshetSystem, similar: ((String) -> [String])? = nil) async throws {
        let expected = expected
        var faults: [String] = []
        for (name, touches) in expected {
            let user = try #require(UserID(name))
            let entries = try await system.stores.online.entries(of: user)
            let held = entries.map {
                Touch(item: $0.item.text, timestampMs: $0.timestampMs, id: $0.id, type: $0.type)
            }
            if held != touches { faults.append("\(name) has \(held), expected \(touches)") }
            guard let similar else { continue }
            for entry in entries where entry.similar.map(\.item.text) != similar(entry.item.text) {
                faults.append("\(name) has under \(entry.item) the list \(entry.similar.map(\.item.text))")
            }
        }
        #expect(faults.isEmpty, "\(faults.count) of \(expected.count) users: \(faults.prefix(3))")
    }
}
