// A search must keep the best, never end below where it began, and stop when its budget is spent.

import Models
import Synchronization
import Testing

@testable import Learning

@Suite struct `Successive halving` {
    private let never = { false }

    @Test func `keeps the best, and gives most effort to few`() {
        var efforts: [Double: Int] = [:]
        let found = SuccessiveHalving.best(of: Array(0..<27), keptShare: 1.0 / 3, isOver: never) {
            setting, effort in
            efforts[effort, default: 0] += 1
            return Double(setting)
        }
        #expect(found.setting == 26)
        #expect(found.score == 26)
        #expect(found.first == 0)
        #expect(!found.isCutShort)
        #expect(efforts == [1.0 / 9: 27, 1.0 / 3: 10, 1: 5])
    }

    @Test func `does not end below the first setting, however good others look early`() {
        let found = SuccessiveHalving.best(of: [0, 1, 2, 3], keptShare: 0.5, isOver: never) { setting, effort in
            setting == 0 ? 0.5 : effort < 1 ? 1 : 0.1
        }
        #expect(found.setting == 0)
        #expect(found.score == 0.5)
    }

    @Test func `measures at least the first setting when time is up`() {
        var trials = 0
        let isOver = { trials > 0 }
        let found = SuccessiveHalving.best(of: [7, 8, 9], keptShare: 0.5, isOver: isOver) { setting, _ in
            trials += 1
            return Double(setting)
        }
        #expect(found.isCutShort)
        #expect(found.setting == 7)
    }
}

@Suite struct `A search` {
    private var search: SearchParameters {
        var search = SearchParameters()
        search.trials = 4
        return search
    }

    @Test func `ends no lower than it began, and improves what is poor`() throws {
        let data = try trainingData(`An evaluation`.ring())
        var first = `An evaluation`.parameters
        first.autoencoder.regularization = 1e7
        let shares = Mutex<[Double]>([])
        let control = StepControl(report: { share in shares.withLock { $0.append(share) } })
        let searching = try #require(HyperparameterSearch(data, search, control: control))
        let (parameters, report) = try searching.run(first)
        #expect(report.stages.map(\.name) == ["autoencoder", "factors", "similar", "trees"])
        #expect(
            report.stages.map { $0.after >= $0.before && $0.trials == 4 && !$0.isCutShort } == [true, true, true, true])
        #expect(parameters.autoencoder.regularization < 1e7)
        let encoded = try #require(report.stages.first)
        #expect(encoded.after > encoded.before)
        let heard = shares.withLock { $0 }
        #expect(zip(heard, heard.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(heard.last == 1)
        let repeating = try #require(HyperparameterSearch(data, search))
        let again = try repeating.run(first)
        #expect(again.parameters == parameters)
        #expect(again.report == report)
    }

    @Test func `stops when time is up or when it is told to`() throws {
        let data = try trainingData(`An evaluation`.ring(users: 60))
        let made = HyperparameterSearch(data, search, isOver: { true })
        let hurried = try #require(made)
        let (parameters, report) = try hurried.run(`An evaluation`.parameters)
        #expect(parameters == `An evaluation`.parameters)
        #expect(report.stages.map(\.isCutShort) == [true, true, true, true])
        let control = StepControl(isCancelled: { true })
        let cancelled = try #require(HyperparameterSearch(data, search, control: control))
        #expect(throws: CancellationError.self) { _ = try cancelled.run(`An evaluation`.parameters) }
    }

    @Test func `is not made where nobody can be judged by`() throws {
        let strangers = (0..<50).map { Interaction("u\($0)", "i\($0 % 7)", minute: $0 * 60) }
        for log in [strangers, []] {
            let data = try trainingData(log)
            #expect(HyperparameterSearch(data, search) == nil)
        }
    }
}
