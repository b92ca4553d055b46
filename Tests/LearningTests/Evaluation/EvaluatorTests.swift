// An evaluation must see what is there to see, and nothing of the time that it judges by.

import Models
import Testing

@testable import Learning

@Suite struct `A held-out period` {
    private func ms(_ minute: Int) -> Int64 { 1_700_000_000_000 + Int64(minute) * 60_000 }

    @Test func `counts users with a past, and tells new items from old ones`() throws {
        let data = try trainingData([
            Interaction("u", "a", minute: 0), Interaction("u", "a", minute: 50), Interaction("u", "b", minute: 51),
            Interaction("u", "c", minute: 70), Interaction("v", "a", minute: 55), Interaction("w", "a", minute: 1),
            Interaction("x", "a", minute: 2), Interaction("x", "a", minute: 52),
        ])
        let period = HeldOutPeriod(data, periodMs: ms(40)..<ms(60), usersMax: 10, seed: 1)
        func names(_ items: [UInt32]) -> [String] { items.map { data.catalogue.items.text(at: Int($0)) } }
        #expect(period.users.map { data.interactions.users.text(at: $0) } == ["u", "x"])
        #expect(period.targets(.new).map(names) == [["b"], []])
        #expect(period.targets(.all).map(names) == [["a", "b"], ["a"]])
        #expect(period.usersFound == 2)
        #expect(period.usersWithoutPast == 1)
        #expect(period.past.interactions.count == 3)
        #expect(HeldOutPeriod(data, periodMs: ms(40)..<ms(60), usersMax: 1, seed: 1).users.count == 1)
    }

    @Test func `is the end of the log's time, if it spans any`() throws {
        let data = try trainingData((0...10).map { Interaction("u", "i\($0)", minute: $0 * 10) })
        #expect(data.lastPeriod(share: 0.1) == ms(90) + 1..<ms(100) + 1)
        for log in [[Interaction("u", "a", minute: 0)], []] {
            let short = try trainingData(log)
            #expect(short.lastPeriod(share: 0.1) == nil)
        }
    }
}

@Suite struct `An evaluation` {
    /// A shop in which whoever touched item n touches n + 1 next, among 60 items on a ring; started anywhere.
    static func ring(users: Int = 150, days: Int = 40, seed: UInt64 = 3) -> [Interaction] {
        var random = SplitMix64(seed: seed)
        var interactions: [Interaction] = []
        for user in 0..<users {
            var item = random.below(60)
            for day in 0..<days where random.below(2) == 0 {
                for step in 0..<1 + random.below(3) {
                    interactions.append(
                        Interaction("u\(user)", "i\(item)", minute: day * 1440 + step * 5 + random.below(3)))
                    item = random.below(10) == 0 ? random.below(60) : (item + 1) % 60
                }
            }
        }
        return interactions
    }

    static var parameters: RankerParameters {
        var parameters = RankerParameters()
        parameters.candidatesMax = 30
        parameters.factorization.factors = 8
        parameters.boosting.rounds = 40
        parameters.boosting.childWeightMin = 2
        parameters.boosting.learningRate = 0.1
        parameters.hitsMin = 30
        return parameters
    }

    static var judging: EvaluationParameters {
        var judging = EvaluationParameters()
        judging.resamples = 200
        return judging
    }

    @Test func `finds that following the ring beats popularity, and says so`() throws {
        let data = try trainingData(Self.ring())
        let evaluation = try #require(try Evaluator.evaluate(data, ranker: Self.parameters, Self.judging))
        let table = try #require(evaluation.table(.new))
        #expect(table.users > 50)
        #expect(evaluation.usersJudged == evaluation.usersFound)
        #expect(table.rows.map(\.lists) == [.popular, .itemToItem, .factors, .autoencoder, .finalLists])
        let final = try #require(table.row(.finalLists))
        let popular = try #require(table.row(.popular))
        #expect(final.value(.ndcg) > 2 * popular.value(.ndcg), "\(final.value(.ndcg)) \(popular.value(.ndcg))")
        for row in table.rows {
            let ndcg = try #require(row.metrics["ndcg"])
            let (low, high) = (try #require(ndcg.low), try #require(ndcg.high))
            #expect(low <= ndcg.value && ndcg.value <= high)
            #expect((0...1).contains(row.coverage))
            #expect(row.usersWithList <= table.users)
        }
        let again = try #require(evaluation.table(.all))
        #expect(again.row(.recentlyTouched) != nil)
        #expect(again.users >= table.users)
        let recall = try #require(evaluation.candidateRecall)
        #expect(recall > 0.3)
    }

    /// With the future shuffled, nothing that was learned from the past can tell it: whoever scores above chance has seen
    /// it.
    @Test func `falls to chance when the future is shuffled`() throws {
        var interactions = Self.ring()
        let cutMs = try #require(try trainingData(interactions).lastPeriod(share: 0.1)).lowerBound
        var random = SplitMix64(seed: 8)
        for index in interactions.indices where interactions[index].timestampMs >= cutMs {
            interactions[index].item = "i\(random.below(60))"
        }
        let data = try trainingData(interactions)
        let evaluation = try #require(try Evaluator.evaluate(data, ranker: Self.parameters, Self.judging))
        let rows = try #require(evaluation.table(.new)).rows
        let final = try #require(rows.first { $0.lists == .finalLists })
        let popular = try #require(rows.first { $0.lists == .popular })
        let (low, high) = (try #require(final.metrics["ndcg"]?.low), try #require(final.metrics["ndcg"]?.high))
        let chance = popular.value(.ndcg)
        // Every item is as likely as any other, so popularity is chance; its own sample wobbles as much as ours.
        #expect(low - (high - low) < chance && chance < high + (high - low), "\(low) \(high) \(chance)")
    }

    @Test func `with repeats, knows that users come back`() throws {
        var parameters = Self.parameters
        parameters.recommendsTouched = true
        // Everybody has three items of their own, and touches nothing else.
        var random = SplitMix64(seed: 4)
        let interactions = (0..<100).flatMap { user in
            (0..<30).map { day in
                Interaction("u\(user)", "i\((user * 7 + random.below(3)) % 50)", minute: day * 1440 + random.below(600))
            }
        }
        let data = try trainingData(interactions)
        let evaluation = try #require(try Evaluator.evaluate(data, ranker: parameters, Self.judging))
        let final = try #require(evaluation.table(.all)?.row(.finalLists))
        #expect(final.value(.recall) > 0.9, "\(final.value(.recall))")
    }

    @Test func `is the same for the same input, and absent where there is nobody to judge by`() throws {
        let data = try trainingData(Self.ring(users: 60))
        let first = try Evaluator.evaluate(data, ranker: Self.parameters, Self.judging)
        #expect(try Evaluator.evaluate(data, ranker: Self.parameters, Self.judging) == first)
        let strangers = (0..<100).map { Interaction("u\($0)", "i\($0 % 7)", minute: $0 * 60) }
        for log in [strangers, []] {
            let data = try trainingData(log)
            #expect(try Evaluator.evaluate(data, ranker: Self.parameters, Self.judging) == nil)
        }
    }

    @Test func `of two models finds the better one`() throws {
        let data = try trainingData(Self.ring())
        var poor = Self.parameters
        poor.candidatesMax = 1
        poor.factorization.factors = 1
        poor.boosting.rounds = 1
        func contender(_ parameters: RankerParameters) -> Evaluator.Contender {
            Evaluator.Contender(parameters: parameters, ranker: nil, trainedThroughMs: nil)
        }
        let comparison = try #require(
            try Evaluator.compare(data, current: contender(poor), candidate: contender(Self.parameters), Self.judging))
        #expect(comparison.verdict == .better)
        #expect(!comparison.current.isJudgedAsItIs)
        let same = try #require(
            try Evaluator.compare(
                data, current: contender(Self.parameters), candidate: contender(Self.parameters), Self.judging))
        #expect(same.verdict == .noCertainDifference)
        #expect(same.differences["ndcg"]?.value == 0)
    }
}
