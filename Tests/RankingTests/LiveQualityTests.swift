// What is counted of an event, and what the counts say: by hand where that is possible, by simulation where it is about chance.

import Models
import Testing

@testable import Ranking

@Suite struct `Counts of live quality` {
    private static let full: [Source] = (1...20).map { $0 % 2 == 1 ? .online : .offline }

    private func score(
        _ place: Int?, _ sources: [Source] = full, blend: Blend = .interleave, generation: Int = 1
    )
        -> ListScore
    {
        ListScore(blend: blend, generation: generation, place: place, sources: sources)
    }

    @Test func `are rates of hits and of reciprocal ranks, by source and by place`() {
        var tally = QualityTally()
        for place in [1, 2, 2, 5, nil, nil, nil, nil] { tally.add(score(place), bucket: 0) }
        tally.add(score(1, [.popular], blend: .rrf, generation: 2), bucket: 0)
        let group = QualityTally.Group(generation: 1, blend: .interleave)
        let counts = tally.groups[group] ?? QualityTally.Counts()
        let all = counts.rates()
        #expect(all.events == 8 && all.hits == 4 && all.hitRate == 0.5)
        // (1 + 1/2 + 1/2 + 1/5) / 8
        #expect(abs((all.meanReciprocalRank ?? 0) - 0.275) < 1e-12)
        #expect(counts.rates(of: .online).hits == 2)
        #expect(abs((counts.rates(of: .online).meanReciprocalRank ?? 0) - 0.15) < 1e-12)
        #expect(abs((counts.rates(of: .offline).meanReciprocalRank ?? 0) - 0.125) < 1e-12)
        #expect(counts.rates(of: .popular) == QualityRates(events: 8, hits: 0, reciprocalRanks: 0))
        #expect(counts.shownCount() == 160 && counts.shownCount(of: .online) == 80 && counts.shownCount(3) == 8)
        #expect(counts.hitCount(2) == 2 && counts.hitCount(2, of: .online) == 0 && counts.hitCount(of: .offline) == 2)
        #expect(tally.groups.count == 2)
        #expect(QualityTally.Counts().rates().hitRate == nil)
        var twice = tally
        twice += tally
        #expect(twice.groups[group]?.rates().hits == 8 && twice.contest.share(.onlineFirst).trials == 8)
    }

    @Test func `take an event for both comparisons, and know who stands higher`() {
        func winners(_ place: Int?, _ sources: [Source] = Self.full, blend: Blend = .interleave) -> [String] {
            Contest.winners(score(place, sources, blend: blend)).map { "\($0.comparison) \($0.winner)" }
        }
        // The first place has no neighbour above, the last one none below.
        #expect(winners(1) == ["onlineFirst online"])
        #expect(winners(2) == ["onlineFirst offline", "offlineFirst offline"])
        #expect(winners(3) == ["onlineFirst online", "offlineFirst online"])
        #expect(winners(20) == ["onlineFirst offline"])
        #expect(winners(nil) == [])
        // From place 4 on, one side has run out.
        let short: [Source] = [.online, .offline, .online, .online, .online, .popular]
        #expect(winners(3, short) == ["offlineFirst online"])
        #expect(winners(4, short) == [] && winners(5, short) == [] && winners(6, short) == [])
        #expect(winners(1, [.offline, .offline]) == [] && winners(1, [.online]) == [])
        #expect(winners(1, blend: .rrf) == [] && winners(2, blend: .weighted) == [])
    }
}

@Suite struct `A share of clustered events` {
    private typealias Group = (successes: Int, trials: Int)

    @Test func `has the variance of the delete-a-group jackknife and an interval to go with it`() throws {
        // Two events in each of eight groups. Without one group: 10/14 five times, 11/14 twice, 12/14 once; so
        // v = 7/8 (7/28² + 3²/28²) = 1/56, and n* = 3/16 · 56 = 10.5, times (1.95996 / 2.36458)².
        let groups: [Group] = [(2, 2), (2, 2), (0, 0), (2, 2), (2, 2), (1, 2), (1, 2), (0, 2), (2, 2), (0, 0)]
        let share = ClusteredShare(groups)
        #expect(share.share == 0.75 && share.trials == 16 && share.successes == 12 && share.groups == 8)
        #expect(abs(try #require(share.variance) - 1.0 / 56) < 1e-12)
        #expect(abs(try #require(share.effectiveTrials) - 7.214_05) < 1e-4)
        let interval = try #require(share.interval)
        #expect(abs(interval.low - 0.393_509) < 1e-5 && abs(interval.high - 0.932_756) < 1e-5)
        // z² / 4 / (3/4 - 1/2)² = 15.3658 effective events, which are 34.08 of ours.
        #expect(share.trialsToTell(from: 0.5) == 36)
        #expect(ClusteredShare(groups).trialsToTell(from: 0.75) == nil)
    }

    @Test func `is not certain because few agree`() throws {
        let few = ClusteredShare([Group](repeating: (3, 3), count: 8))
        let low = try #require(few.interval?.low)
        #expect(abs(low - 0.588_615) < 1e-5 && few.interval?.high == 1)
        let none = ClusteredShare([Group](repeating: (0, 3), count: 8))
        #expect(abs((none.interval?.high ?? 0) - (1 - 0.588_615)) < 1e-5 && none.interval?.low == 0)
        #expect(ClusteredShare([Group](repeating: (3, 3), count: 7)).interval == nil)
        #expect(ClusteredShare([(5, 9)]).variance == nil && ClusteredShare([]).share == nil)
    }

    @Test func `takes no more events than there are, however alike the groups`() {
        let alike = ClusteredShare([Group](repeating: (1, 2), count: 64))
        #expect(alike.variance == 0)
        // 128 times (z / t(63))².
        #expect(abs((alike.effectiveTrials ?? 0) - 128 * 0.961_955) < 1e-3)
    }

    /// From a table.
    @Test(arguments: [(7, 2.3646), (15, 2.1314), (30, 2.0423), (63, 1.9983)])
    func `knows Student's distribution`(degreesOfFreedom: Int, quantile: Double) {
        #expect(abs(ClusteredShare.studentQuantile(degreesOfFreedom: degreesOfFreedom) - quantile) < 1e-4)
    }
}

/// A shop whose users' preference and habits are known.
private struct SimulatedShop {
    /// How much more often an online item is taken than an offline one, for three kinds of users: they differ, so that the
    /// events of one user are alike.
    let preferences: [Double]
    /// By how much each further place is looked at less.
    let attention: Double
    let usersPerRound: Int

    /// For each kind of user, the places' chances added up.
    private var chances: [[Double]] {
        preferences.map { preference in
            var sum = 0.0
            return (0..<20).map { place in
                let rank = Double(place / 2)
                let worth = (place % 2 == 0 ? preference : 1) / (1 + 0.1 * rank)
                var looked = 1.0
                for _ in 0..<place { looked *= attention }
                sum += worth * looked
                return sum
            }
        }
    }

    /// What the users of one round do: one to eight events each.
    func round(_ random: inout SplitMix64) -> Contest {
        let sources: [Source] = (0..<20).map { $0 % 2 == 0 ? .online : .offline }
        let chances = chances
        var contest = Contest()
        for _ in 0..<usersPerRound {
            let kind = chances[random.below(chances.count)]
            let bucket = random.below(Contest.bucketCount)
            for _ in 0...random.below(8) {
                let drawn = random.unit() * kind[19]
                let place = (kind.firstIndex { drawn < $0 } ?? 19) + 1
                contest.add(
                    ListScore(blend: .interleave, generation: 1, place: place, sources: sources), bucket: bucket)
            }
        }
        return contest
    }

    /// The share that infinitely many users would come to.
    func truth(_ comparison: Contest.Comparison) -> Double {
        var (online, all) = (0.0, 0.0)
        for kind in chances {
            for index in 0..<20 {
                let chance = (kind[index] - (index > 0 ? kind[index - 1] : 0)) / kind[19]
                let isCounted = comparison == .onlineFirst || (1...18).contains(index)
                guard isCounted else { continue }
                all += chance
                if index % 2 == 0 { online += chance }
            }
        }
        return online / all
    }
}

@Suite struct `The contest, simulated` {
    private static let rounds = 400

    @Test(arguments: [
        (preferences: [1.0, 1, 1], attention: 0.9), (preferences: [0.2, 1, 5], attention: 0.85),
        (preferences: [0.1, 0.3, 0.5], attention: 0.95), (preferences: [8.0, 2, 1], attention: 0.8),
    ])
    func `covers the truth as often as it says`(preferences: [Double], attention: Double) throws {
        var random = SplitMix64(seed: 11)
        let shop = SimulatedShop(preferences: preferences, attention: attention, usersPerRound: 150)
        var covered: [Contest.Comparison: Int] = [:]
        for _ in 0..<Self.rounds {
            let contest = shop.round(&random)
            for comparison in Contest.Comparison.allCases {
                let interval = try #require(contest.share(comparison).interval)
                let truth = shop.truth(comparison)
                if interval.low <= truth, truth <= interval.high { covered[comparison, default: 0] += 1 }
            }
        }
        for comparison in Contest.Comparison.allCases {
            let rate = Double(covered[comparison, default: 0]) / Double(Self.rounds)
            // 95 %, give or take three standard errors of so many rounds.
            #expect((0.917...0.983).contains(rate), "\(comparison): \(rate)")
        }
    }

    private func verdicts(_ shop: SimulatedShop, seed: UInt64, rounds: Int = rounds) -> [ContestVerdict] {
        var random = SplitMix64(seed: seed)
        return (0..<rounds).map { _ in shop.round(&random).verdict }
    }

    @Test func `names the side that users prefer, from whichever place`() {
        for (preferences, winner) in [([2.0, 3, 5], ContestVerdict.online), ([0.2, 0.3, 0.5], .offline)] {
            let shop = SimulatedShop(preferences: preferences, attention: 0.9, usersPerRound: 300)
            let found = verdicts(shop, seed: 5, rounds: 100)
            #expect(found.count { $0 == winner } >= 99, "\(winner)")
        }
    }

    @Test func `is not taken in by places: who only stands higher does not win`() {
        // A plain count would let online win every time here.
        let shop = SimulatedShop(preferences: [1, 1, 1], attention: 0.7, usersPerRound: 500)
        #expect(shop.truth(.onlineFirst) > 0.55 && shop.truth(.offlineFirst) < 0.5)
        #expect(verdicts(shop, seed: 7, rounds: 100).allSatisfy { $0 == .placesDecide })
    }

    @Test func `is seldom wrong where nobody is better and places do not matter`() {
        let shop = SimulatedShop(preferences: [0.25, 1, 4], attention: 1, usersPerRound: 150)
        let wrong = verdicts(shop, seed: 9).count { $0 == .online || $0 == .offline }
        // The kinds of users even out in the whole; each side may be named in 2.5 % of the rounds.
        #expect(Double(wrong) / Double(Self.rounds) < 0.09, "\(wrong)")
    }

    @Test func `says how many more events it takes, and that is about right`() throws {
        let shop = SimulatedShop(preferences: [1.3, 1.5, 1.7], attention: 0.98, usersPerRound: 60)
        var random = SplitMix64(seed: 3)
        var contest = shop.round(&random)
        guard case .leading(.online, let more) = contest.verdict else {
            Issue.record("\(contest.verdict)")
            return
        }
        let before = contest.share(.offlineFirst).trials
        while contest.verdict != .online, contest.share(.offlineFirst).trials < before + 20 * more {
            contest += shop.round(&random)
        }
        #expect(contest.verdict == .online)
        #expect(Contest().verdict == .tooFew)
    }
}
