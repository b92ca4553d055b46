// A batch of stream entries on its way: a value that says for each entry what is still to be done. It does no I/O; the
// applier does what it asks for. So a step that failed can be repeated without repeating the ones before it.

import Models
import Stores

/// An event that is in the state, or that the state is right without.
struct SettledEvent: Sendable {
    let event: StreamedEvent
    let outcome: OnlineOutcome
}

/// Entries and how far each is.
struct EntryBatch: Sendable {
    /// An entry that holds an event.
    struct Readable: Sendable {
        let entry: EventEntry
        let event: StreamedEvent
    }

    /// An entry that is to be put aside, and why.
    struct Refused: Sendable {
        let entry: EventEntry
        let reason: String
    }

    /// To be applied, in the stream's order.
    private(set) var readable: [Readable] = []
    /// Applied, to be acknowledged.
    private(set) var applied: [EventEntry] = []
    /// To be put aside.
    private(set) var refused: [Refused] = []

    /// Whether nothing is left to be done.
    var isEmpty: Bool { readable.isEmpty && applied.isEmpty && refused.isEmpty }

    /// Reads entries; those that hold no event are refused with the reason.
    init(_ entries: [EventEntry], reader: EventReader) {
        readable.reserveCapacity(entries.count)
        for entry in entries {
            guard !entry.isBinary else {
                refused.append(Refused(entry: entry, reason: "a field is not UTF-8 text"))
                continue
            }
            do throws(EventError) {
                let event = try reader.read(entry.value)
                readable.append(Readable(entry: entry, event: StreamedEvent(id: entry.id, event: event)))
            } catch {
                refused.append(Refused(entry: entry, reason: error.description))
            }
        }
    }

    /// Entries that are all put aside for one reason each.
    init(refused: [Refused]) { self.refused = refused }

    /// Takes in what became of `readable`, one result each: what is settled waits for its acknowledgement, what the state
    /// cannot take is refused, the rest stays. Returns the settled events and the first error worth another attempt.
    mutating func settle(_ results: [Result<OnlineOutcome, StoreError>]) -> (settled: [SettledEvent], error: StoreError?) {
        var settled: [SettledEvent] = []
        var rest: [Readable] = []
        var firstError: StoreError?
        for (one, result) in zip(readable, results) {
            switch result {
            case .success(let outcome):
                applied.append(one.entry)
                settled.append(SettledEvent(event: one.event, outcome: outcome))
            case .failure(let error) where error.blamesEntry:
                refused.append(Refused(entry: one.entry, reason: "could not be applied: \(error)"))
            case .failure(let error):
                firstError = firstError ?? error
                rest.append(one)
            }
        }
        readable = rest
        return (settled, firstError)
    }

    /// All that was applied is acknowledged.
    mutating func acknowledged() { applied = [] }

    /// The first of the refused is aside, or stays pending for good.
    mutating func putAside() { refused.removeFirst() }
}

extension StoreError {
    /// Whether the failure lies in what was sent and will be the same next time: a user's key of another type, say. All
    /// other failures pass, and an entry must not be given up for them.
    var blamesEntry: Bool {
        switch code {
        case .corrupted, .conflict: true
        case .unavailable, .full, .refused, .notFound: false
        }
    }
}
