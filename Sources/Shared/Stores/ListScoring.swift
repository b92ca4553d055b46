// How events are scored while they are applied, and what Redis answers to that.

package import Models
import NIOCore
package import Ranking
import Redis

/// Whose events are scored, and against which lists.
package struct ListScoring: Sendable {
    /// The users whose lists are remembered.
    package let sample: UserSample
    /// For how long a list counts.
    package let listSeconds: Int

    /// - Parameters:
    ///   - sample: the users whose lists the gateway remembers.
    ///   - listSeconds: for how long after it was served a list counts.
    package init(sample: UserSample, listSeconds: Int) {
        self.sample = sample
        self.listSeconds = listSeconds
    }

    /// What the function takes before the touch. Ids of scored events outlive every list that is kept beside them: each
    /// of these may have been kept alive by the next one for as long as it counts.
    var arguments: [RedisArgument] {
        [
            .integer(listSeconds * 1000), .integer(ServedListStore.scoredMax),
            .integer(listSeconds * (ServedListStore.listsMax + 1)), .integer(Int(StreamedEvent.clockSkewMaxMs)),
        ]
    }
}

/// What became of an update, and what it said about a list.
package struct AppliedTouch: Sendable, Hashable {
    /// What became of the touch.
    package let outcome: OnlineOutcome
    /// Nil for a user who is not sampled.
    package let score: EventScore?

    package init(outcome: OnlineOutcome, score: EventScore? = nil) {
        self.outcome = outcome
        self.score = score
    }
}

extension AppliedTouch {
    /// Reads what `online_apply` or `online_apply_scored` answered; nil if it is neither's.
    init?(_ reply: RESPValue) {
        switch reply {
        case .integer(let code):
            guard let outcome = OnlineOutcome(rawValue: code) else { return nil }
            self.init(outcome: outcome)
        case .array(let values):
            guard values.count >= 2, case .integer(let code) = values[0], let outcome = OnlineOutcome(rawValue: code),
                case .bulk(let word) = values[1]
            else { return nil }
            // A list of a form that is not known here, of a later version say, is no reason to give the event up.
            self.init(outcome: outcome, score: Self.score(String(buffer: word), values) ?? .unscored(.failed))
        default: return nil
        }
    }

    private static func score(_ word: String, _ values: [RESPValue]) -> EventScore? {
        guard word == "scored" else { return UnscoredReason(rawValue: word).map { .unscored($0) } }
        guard values.count == 6, case .bulk(let blend) = values[2], case .bulk(let number) = values[3],
            case .integer(let place) = values[4], case .bulk(let letters) = values[5],
            let blend = Blend(rawValue: String(buffer: blend)), let generation = Int(String(buffer: number))
        else { return nil }
        let sources = letters.readableBytesView.compactMap(Source.init)
        guard sources.count == letters.readableBytes, (0...sources.count).contains(place) else { return nil }
        return .scored(
            ListScore(blend: blend, generation: generation, place: place > 0 ? place : nil, sources: sources))
    }
}

extension Source {
    /// Reads the letter by which redis/functions/online.lua says where a place came from.
    fileprivate init?(_ letter: UInt8) {
        switch letter {
        case UInt8(ascii: "n"): self = .online
        case UInt8(ascii: "f"): self = .offline
        case UInt8(ascii: "p"): self = .popular
        default: return nil
        }
    }
}
