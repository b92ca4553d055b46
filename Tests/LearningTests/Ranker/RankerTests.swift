// The ranker must learn what the past shows, from the past alone, and give lists that keep every promise.

import Models
import Testing

@testable import Learning

@Suite struct `The past as it was at a time` {
    private let interactions = [
        Interaction("u", "a", minute: 0), Interaction("u", "b", minute: 10), Interaction("u", "a", minute: 20),
        Interaction("u", "c", minute: 30), Interaction("u", "c", minute: 31), Interaction("v", "a", minute: 25),
        Interaction("w", "a", minute: 5), Interaction("w", "a", minute: 25), Interaction("u", "d", minute: 50),
    ]

    private func ms(_ minute: Int) -> Int64 { 1_700_000_000_000 + Int64(minute) * 60_000 }

    @Test func `holds what came before, under the same indexes`() throws {
        let table = try trainingData(interactions).interactions
        let past = table.before(ms(20))
        #expect(past.count == 3)
        #expect(past.users.count == table.users.count)
        #expect(past.itemCount == table.itemCount)
        #expect(past.newestMs == ms(10))
        #expect(table.before(ms(0)).count == 0)
        #expect(table.before(ms(0)).newestMs == nil)
        #expect(table.before(.max).count == table.count)
    }

    @Test func `is followed by new items, each once, for users with a past`() throws {
        let data = try trainingData(interactions)
        let new = data.interactions.newItems(in: ms(20)..<ms(50))
        // v has no past, w nothing new, and d comes too late.
        #expect(new.map { data.interactions.users.text(at: $0.user) } == ["u"])
        #expect(new.first?.items.map { data.catalogue.items.text(at: Int($0)) } == ["c"])
    }
}

@Suite struct `The ranker` {
    /// A shop in which every user likes one of two halves of the items and gets to know one new item a day, by chance
    /// within the half.
    private static func shop(users: Int = 120, days: Int = 40, seed: UInt64 = 1) -> [Interaction] {
        var random = SeededRandom(state: seed)
        var interactions: [Interaction] = []
        for user in 0..<users {
            let half = user % 2
            for day in 0..<days where random.below(3) > 0 {
                let item = half * 40 + random.below(40)
                interactions.append(Interaction("u\(user)", "i\(item)", minute: day * 1440 + random.below(600)))
            }
        }
        return interactions
    }

    private static func parameters() -> RankerParameters {
        var parameters = RankerParameters()
        parameters.candidatesMax = 30
        parameters.factorization.factors = 8
        parameters.boosting.rounds = 20
        parameters.boosting.childWeightMin = 1
        parameters.hitsMin = 50
        return parameters
    }

    private static func lists(
        _ data: TrainingData, _ parameters: RankerParameters
    ) throws -> (ranker: Ranker, users: [Int], lists: RankedLists) {
        let atMs = (data.interactions.newestMs ?? 0) + 1
        let ranker = try #require(try Ranker.learn(data, atMs: atMs, parameters: parameters))
        var wanted = OfflineLists.Parameters()
        wanted.itemsMax = 10
        let ranked = try RankedOfflineLists(
            data, atMs: atMs, ranker: ranker, parameters: parameters, lists: wanted)
        let (users, lists) = try ranked.lists(of: 0..<ranked.userCount)
        return (ranker, users, lists)
    }

    @Test func `finds the half that a user likes`() throws {
        let data = try trainingData(Self.shop())
        let (ranker, users, lists) = try Self.lists(data, Self.parameters())
        #expect(ranker.figures.hits >= 50)
        #expect(ranker.figures.candidateRecall > 0.3)
        #expect(users.count > 100)
        var right = 0
        var all = 0
        for (index, user) in users.enumerated() {
            let name = data.interactions.users.text(at: user)
            let half = (Int(name.dropFirst()) ?? 0) % 2
            for entry in lists[index].prefix(5) {
                let item = Int(data.catalogue.items.text(at: Int(entry.item)).dropFirst()) ?? 0
                all += 1
                if item / 40 == half { right += 1 }
            }
        }
        // By chance it would be a half.
        #expect(Double(right) > 0.9 * Double(all), "\(right) of \(all)")
    }

    @Test func `puts nothing touched or unavailable into lists, and sorts them`() throws {
        let interactions = Self.shop()
        let hidden = ["i3", "i44", "i50"]
        let data = try trainingData(interactions, properties: unavailable(hidden))
        let (_, users, lists) = try Self.lists(data, Self.parameters())
        let touched = Dictionary(grouping: interactions, by: \.user).mapValues { Set($0.map(\.item)) }
        for (index, user) in users.enumerated() {
            let list = lists[index]
            let names = list.map { data.catalogue.items.text(at: Int($0.item)) }
            #expect((1...10).contains(names.count))
            #expect(Set(names).count == names.count)
            #expect(Set(hidden).isDisjoint(with: names))
            #expect(touched[data.interactions.users.text(at: user)]?.isDisjoint(with: names) == true)
            for (left, right) in zip(list, list.dropFirst()) {
                #expect(left.score > right.score || left.score == right.score && left.item < right.item)
            }
        }
    }

    @Test func `gives the same lists for the same input`() throws {
        let data = try trainingData(Self.shop())
        let first = try Self.lists(data, Self.parameters())
        let second = try Self.lists(data, Self.parameters())
        #expect(first.ranker.model == second.ranker.model)
        #expect(first.users == second.users)
        for index in first.users.indices { #expect(first.lists[index] == second.lists[index]) }
    }

    /// Features are from before the period: what happens in it may change labels, never a row.
    @Test func `is told nothing of the time that it is judged by`() throws {
        let interactions = Self.shop()
        let cutMs = 1_700_000_000_000 + Int64(30) * 86_400_000
        var shuffled = interactions
        var random = SeededRandom(state: 9)
        for index in shuffled.indices where shuffled[index].timestampMs >= cutMs {
            shuffled[index].item = "i\(random.below(80))"
        }
        let catalogue = (0..<80).map { "1700000000000,i\($0),available,1\n" }.joined()
        let properties = "timestamp,itemid,property,value\n" + catalogue
        let rows = try [interactions, shuffled].map { log in
            let data = try trainingData(log, properties: properties)
            let sources = try CandidateSources(
                data.before(cutMs), atMs: cutMs, parameters: Self.parameters(), control: StepControl())
            return try sources.candidates(of: Array(0..<100), control: StepControl())
        }
        #expect(rows[0].items == rows[1].items)
        #expect(rows[0].features.values.map(\.bitPattern) == rows[1].features.values.map(\.bitPattern))
        #expect(rows[0].features.rowCount > 1000)
    }

    @Test func `learns nothing from too little`() throws {
        for interactions in [
            [Interaction("u", "a", minute: 0)],
            [Interaction("u", "a", minute: 0), Interaction("u", "b", minute: 10_000)],
        ] {
            let data = try trainingData(interactions)
            let atMs = (data.interactions.newestMs ?? 0) + 1
            #expect(try Ranker.learn(data, atMs: atMs, parameters: RankerParameters()) == nil)
        }
    }

    @Test func `stops when it is told to`() throws {
        let data = try trainingData(Self.shop())
        let atMs = (data.interactions.newestMs ?? 0) + 1
        #expect(throws: CancellationError.self) {
            _ = try Ranker.learn(
                data, atMs: atMs, parameters: Self.parameters(), control: StepControl(isCancelled: { true }))
        }
    }
}
