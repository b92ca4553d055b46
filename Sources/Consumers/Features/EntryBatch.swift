// A batch of stream entries on its way: a value that says for each entry what is still to be done. It does no I/O; the
// applier does what it asks for. So a step that failed can be repeated without repeating the ones before it.

import Models
import Ranking
import Stores

/// An event that is in the state, or that the state is right without.
struct SettledEvent: Sendable {
    let event: StreamedEvent
    let outcome: OnlineOutcome
    /// What it said about the list before it; nil of a user who is not sampled.
    var score: EventScore?
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
        /// The event, if there is one and only the state would not take it.
        var event: StreamedEvent?
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

    /// Takes in what became of `readable`, one result each: what is settled waits for its acknowledgement, what the
    /// state cannot take is refused, the rest stays. Returns the settled events and the first error worth another
    /// attempt.
    /// - Parameter isLastAttempt: Whether errors that may be the entry's own are taken for that from now on.
    mutating func settle(
        _ results: [Result<AppliedTouch, StoreError>], isLastAttempt: Bool
    ) -> (settled: [SettledEvent], error: StoreError?) {
        var settled: [SettledEvent] = []
        var rest: [Readable] = []
        var firstError: StoreError?
        for (one, result) in zip(readable, results) {
            switch result {
            case .success(let touch):
                applied.append(one.entry)
                settled.append(SettledEvent(event: one.event, outcome: touch.outcome, score: touch.score))
            case .failure(let error) where error.blame == .entry || (error.blame == .either && isLastAttempt):
                refused.append(Refused(entry: one.entry, reason: "could not be applied: \(error)", event: one.event))
            case .failure(let error):
                firstError = firstError ?? error
                rest.append(one)
            }
        }
        readable = rest
        return (settled, firstError)
    }

    /// Redis did not take an entry for quarantine: then it may be Redis's fault too that it did not take the event.
    mutating func reconsider() {
        readable += refused.compactMap { one in one.event.map { Readable(entry: one.entry, event: $0) } }
        refused.removeAll { $0.event != nil }
    }

    /// All that was applied is acknowledged.
    mutating func acknowledged() { applied = [] }

    /// The first of the refused is aside.
    mutating func putAside() { refused.removeFirst() }
}

extension StoreError {
    /// Where the cause of a failed update lies.
    enum Blame {
        /// In the data: it will fail the same way next time.
        case entry
        /// In Redis: it passes, and no entry must be given up for it.
        case redis
        /// Redis said no in words of its own; that may be either.
        case either
    }

    /// Whose fault it is that an update failed.
    var blame: Blame {
        switch code {
        case .corrupted: .entry
        case .conflict: .either
        case .unavailable, .full, .refused, .notFound: .redis
        }
    }
}
