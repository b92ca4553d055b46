// Two models on the same held-out period, user by user.

/// What two models would have recommended, compared.
package struct ModelComparison: Codable, Hashable, Sendable {
    /// One of the two.
    package struct Side: Codable, Hashable, Sendable {
        /// Its figures for new items, by ``ListMetric``.
        package let metrics: [String: Evaluation.Figure]
        package let coverage: Double
        package let novelty: Double?
        /// Whether its own trees were judged. Trees that have seen the held-out period cannot be: then trees were grown with
        /// the model's parameters on what came before.
        package let isJudgedAsItIs: Bool
    }

    /// What can be said for certain.
    package enum Verdict: String, Codable, Sendable {
        case better, worse
        case noCertainDifference = "no_certain_difference"
    }

    package let cutMs: Int64
    package let endMs: Int64
    /// Users who count.
    package let users: Int
    package let current: Side
    package let candidate: Side
    /// Candidate minus current, by ``ListMetric``.
    package let differences: [String: Evaluation.Figure]
    /// By NDCG: better or worse if the whole interval lies on one side of zero.
    package let verdict: Verdict
}

extension Evaluator {
    /// A model to compare.
    package struct Contender: Sendable {
        package let parameters: RankerParameters
        package let ranker: Ranker?
        /// The newest event that the ranker learned from, Unix ms.
        package let trainedThroughMs: Int64?

        package init(parameters: RankerParameters, ranker: Ranker?, trainedThroughMs: Int64?) {
            self.parameters = parameters
            self.ranker = ranker
            self.trainedThroughMs = trainedThroughMs
        }
    }

    /// Compares two models on the end of the log.
    /// - Returns: nil if nobody has events both before the cut and behind it.
    /// - Throws: CancellationError, `BoostingError`.
    package static func compare(
        _ data: TrainingData, current: Contender, candidate: Contender, _ evaluation: EvaluationParameters,
        control: StepControl = StepControl()
    ) throws -> ModelComparison? {
        guard let periodMs = data.lastPeriod(share: evaluation.heldOutShare) else { return nil }
        let period = HeldOutPeriod(data, periodMs: periodMs, usersMax: evaluation.usersMax, seed: evaluation.seed)
        let places = period.targets(.new).indices.filter { !period.targets(.new)[$0].isEmpty }
        guard !places.isEmpty, period.past.interactions.count > 0 else { return nil }
        let first = try contest(current, period, places, evaluation, control.part(0...0.5))
        let second = try contest(candidate, period, places, evaluation, control.part(0.5...1))
        let bootstrap = try Bootstrap(
            first.columns + second.columns, resamples: evaluation.resamples, seed: evaluation.seed,
            control: control.silent)
        let metrics = ListMetric.allCases
        func side(_ part: Contest, offset: Int) -> ModelComparison.Side {
            let figures = metrics.enumerated().map { index, metric in
                (metric.rawValue, Evaluation.Figure(mean(part.columns[index]), bootstrap.interval(offset + index)))
            }
            return ModelComparison.Side(
                metrics: Dictionary(uniqueKeysWithValues: figures), coverage: part.coverage, novelty: part.novelty,
                isJudgedAsItIs: part.isJudgedAsItIs)
        }
        let differences = metrics.enumerated().map { index, metric in
            (
                metric.rawValue,
                Evaluation.Figure(
                    mean(second.columns[index]) - mean(first.columns[index]),
                    bootstrap.interval(of: metrics.count + index, minus: index))
            )
        }
        let byMetric = Dictionary(uniqueKeysWithValues: differences)
        return ModelComparison(
            cutMs: periodMs.lowerBound, endMs: periodMs.upperBound, users: places.count,
            current: side(first, offset: 0), candidate: side(second, offset: metrics.count), differences: byMetric,
            verdict: verdict(byMetric[ListMetric.ndcg.rawValue]))
    }

    private static func verdict(_ difference: Evaluation.Figure?) -> ModelComparison.Verdict {
        guard let low = difference?.low, let high = difference?.high else { return .noCertainDifference }
        if low > 0 { return .better }
        return high < 0 ? .worse : .noCertainDifference
    }

    /// One model's lists, judged.
    private struct Contest {
        let columns: [[Float]]
        let coverage: Double
        let novelty: Double?
        let isJudgedAsItIs: Bool
    }

    private static func contest(
        _ model: Contender, _ period: HeldOutPeriod, _ places: [Int], _ evaluation: EvaluationParameters,
        _ control: StepControl
    ) throws -> Contest {
        let cutMs = period.periodMs.lowerBound
        let isOld = model.trainedThroughMs.map { $0 < cutMs } ?? false
        var ranker = isOld ? model.ranker : nil
        if !isOld {
            ranker = try Ranker.learn(
                period.past, atMs: cutMs, parameters: model.parameters, control: control.part(0...0.7))
        }
        let sources = try CandidateSources(
            period.past, atMs: cutMs, parameters: model.parameters, control: control.part(0.7...0.9))
        let lists = try HeldOutLists(period: period, sources: sources, ranker: ranker, length: evaluation.length)
            .lists(.finalLists, .new, control: control.part(0.9...1))
        let targets = period.targets(.new)
        var columns = [[Float]](repeating: [], count: ListMetric.allCases.count)
        for place in places {
            let own = ListMetric.values(lists[place], targets: targets[place], length: evaluation.length)
            for (metric, value) in own.enumerated() { columns[metric].append(value) }
        }
        let shown = places.map { lists[$0] }
        let novelty = Novelty(sources)
        return Contest(
            columns: columns, coverage: novelty.coverage(shown), novelty: novelty.bits(shown), isJudgedAsItIs: isOld)
    }
}
