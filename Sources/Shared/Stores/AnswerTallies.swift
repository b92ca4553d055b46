// How many answers each generation has given, and how many of them were poor: what the loader judges a switch by.

import NIOCore
import Redis

/// Answers, and the poor ones among them.
package struct AnswerTally: Sendable, Hashable {
    /// Answers.
    package var answers: Int
    /// Those that were shorter than asked for, had nothing but popular items, or could not read a side.
    package var poor: Int

    package init(answers: Int = 0, poor: Int = 0) {
        self.answers = answers
        self.poor = poor
    }

    /// The share of poor answers; 0 without any.
    package var poorShare: Double { Double(poor) / Double(max(answers, 1)) }
}

/// Writes and reads what instances have counted.
package struct AnswerTallies: Sendable {
    private let client: RedisClient

    init(client: RedisClient) { self.client = client }

    /// Says what `instance` has counted of a generation so far.
    package func note(_ tally: AnswerTally, of generation: Int, instance: String) async throws {
        try await StoreError.mapping {
            let key = Keys.generationAnswers(generation)
            _ = try await client.send(HSET(key, [(field: instance, value: .string("\(tally.answers) \(tally.poor)"))]))
            _ = try await client.send(EXPIRE(key, seconds: 7 * 86_400))
        }
    }

    /// What all instances have counted of a generation.
    package func total(of generation: Int) async throws -> AnswerTally {
        try await StoreError.mapping {
            var total = AnswerTally()
            for (_, value) in try await client.send(HGETALL(Keys.generationAnswers(generation))) {
                let numbers = String(buffer: value).split(separator: " ").compactMap { Int($0) }
                guard numbers.count == 2 else { continue }
                total.answers += numbers[0]
                total.poor += numbers[1]
            }
            return total
        }
    }
}
