// How many answers each generation has given, and how many of them were poor: what the loader judges a switch by.

import NIOCore
import Redis

/// Answers that count, and the poor ones among them by kind. An answer may be poor in several ways.
package struct AnswerTally: Sendable, Hashable {
    /// The ways in which an answer is poor; a closed set, since it labels metrics.
    package enum Kind: String, Sendable, CaseIterable {
        /// It has fewer items than asked for.
        case short
        /// Popular items fill it up.
        case padded
        /// Nothing in it is from the user's offline list.
        case unlisted
        /// The offline list could not be read although the online side could.
        case failed
    }

    /// Answers that were to be filled up, and for which Redis was there.
    package var answers: Int
    private var counts: [Kind: Int]

    package init(answers: Int = 0, _ counts: [Kind: Int] = [:]) {
        self.answers = answers
        self.counts = counts.filter { $0.value != 0 }
    }

    /// How many answers are poor in one way.
    package subscript(kind: Kind) -> Int { counts[kind] ?? 0 }

    package static func + (left: AnswerTally, right: AnswerTally) -> AnswerTally {
        AnswerTally(answers: left.answers + right.answers, left.counts.merging(right.counts) { $0 + $1 })
    }

    package static func - (left: AnswerTally, right: AnswerTally) -> AnswerTally {
        AnswerTally(
            answers: left.answers - right.answers,
            left.counts.merging(right.counts.mapValues { -$0 }) { $0 + $1 })
    }

    /// `answers=… short=… padded=… unlisted=… failed=…`, as it stands in Redis.
    var text: String {
        (["answers=\(answers)"] + Kind.allCases.map { "\($0.rawValue)=\(self[$0])" }).joined(separator: " ")
    }

    /// Reads the text; what is missing or foreign counts 0.
    init(text: String) {
        self.init()
        for word in text.split(separator: " ") {
            let parts = word.split(separator: "=")
            guard parts.count == 2, let count = Int(parts[1]), count > 0 else { continue }
            if parts[0] == "answers" { answers = count }
            if let kind = Kind(rawValue: String(parts[0])) { counts[kind] = count }
        }
    }
}

/// Writes and reads what instances have counted.
package struct AnswerTallies: Sendable {
    private let client: RedisClient

    init(client: RedisClient) { self.client = client }

    /// Says what `instance` has counted of a generation so far. Saying the same twice changes nothing.
    package func note(_ tally: AnswerTally, of generation: Int, instance: String) async throws {
        try await StoreError.mapping {
            let key = Keys.generationAnswers(generation)
            _ = try await client.send(HSET(key, [(field: instance, value: .string(tally.text))]))
            _ = try await client.send(EXPIRE(key, seconds: 7 * 86_400))
        }
    }

    /// What all instances have counted of a generation.
    package func total(of generation: Int) async throws -> AnswerTally {
        try await StoreError.mapping {
            try await client.send(HGETALL(Keys.generationAnswers(generation)))
                .reduce(AnswerTally()) { $0 + AnswerTally(text: String(buffer: $1.value)) }
        }
    }
}
