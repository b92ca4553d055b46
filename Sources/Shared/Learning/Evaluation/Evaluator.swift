// An evaluation from end to end: cut, learn from what came before, make lists, and see what users did after the cut.

/// Judges what a set of parameters would have recommended.
package enum Evaluator {
    /// Evaluates on the end of the log.
    ///
    /// - Parameters:
    ///   - control: Hears the share that is done.
    /// - Returns: nil if nobody has events both before the cut and behind it.
    /// - Throws: CancellationError, `BoostingError`.
    package static func evaluate(
        _ data: TrainingData, ranker parameters: RankerParameters, _ evaluation: EvaluationParameters,
        control: StepControl = StepControl()
    ) throws -> Evaluation? {
        guard let periodMs = data.lastPeriod(share: evaluation.heldOutShare) else { return nil }
        let period = HeldOutPeriod(data, periodMs: periodMs, usersMax: evaluation.usersMax, seed: evaluation.seed)
        guard !period.users.isEmpty, period.past.interactions.count > 0 else { return nil }
        let ranker = try Ranker.learn(
            period.past, atMs: periodMs.lowerBound, parameters: parameters, control: control.part(0...0.65))
        let sources = try CandidateSources(
            period.past, atMs: periodMs.lowerBound, parameters: parameters, control: control.part(0.65...0.85))
        let lists = HeldOutLists(period: period, sources: sources, ranker: ranker, length: evaluation.length)
        let final = try lists.lists(.finalLists, .new, control: control.part(0.85...0.95))
        var tables: [Evaluation.Table] = []
        for targets in HeldOutPeriod.Targets.allCases {
            var compared: [(ComparedLists, [[UInt32]])] = []
            for kind in ComparedLists.allCases where targets == .all || kind != .recentlyTouched {
                compared.append(
                    (kind, kind == .finalLists ? final : try lists.lists(kind, targets, control: control.silent)))
            }
            tables.append(try judge(compared, period, targets, sources, evaluation, control.silent))
        }
        control.report(1)
        let table = period.past.interactions
        return Evaluation(
            parameters: evaluation, cutMs: periodMs.lowerBound, endMs: periodMs.upperBound, eventsBefore: table.count,
            usersBefore: (0..<table.users.count).count { !table.rows(ofUser: $0).isEmpty },
            usersFound: period.usersFound, usersJudged: period.users.count, usersWithoutPast: period.usersWithoutPast,
            candidateRecall: ranker?.figures.candidateRecall, tables: tables)
    }

    /// One protocol's table. Only users with a target count.
    static func judge(
        _ compared: [(kind: ComparedLists, lists: [[UInt32]])], _ period: HeldOutPeriod,
        _ targetKind: HeldOutPeriod.Targets, _ sources: CandidateSources, _ parameters: EvaluationParameters,
        _ control: StepControl
    ) throws -> Evaluation.Table {
        let targets = period.targets(targetKind)
        let places = targets.indices.filter { !targets[$0].isEmpty }
        let metricCount = ListMetric.allCases.count
        var columns: [[Float]] = []
        for (_, lists) in compared {
            var values = [[Float]](repeating: [], count: metricCount)
            for place in places {
                let own = ListMetric.values(lists[place], targets: targets[place], length: parameters.length)
                for (metric, value) in own.enumerated() { values[metric].append(value) }
            }
            columns += values
        }
        let bootstrap = try Bootstrap(
            columns, resamples: parameters.resamples, seed: parameters.seed, control: control)
        let novelty = Novelty(sources)
        let rows = compared.enumerated().map { index, compared in
            let metrics = ListMetric.allCases.enumerated().map { metric, name in
                let column = index * metricCount + metric
                return (name.rawValue, Evaluation.Figure(mean(columns[column]), bootstrap.interval(column)))
            }
            let shown = places.map { compared.lists[$0] }
            return Evaluation.Row(
                lists: compared.kind, metrics: Dictionary(uniqueKeysWithValues: metrics),
                coverage: novelty.coverage(shown), novelty: novelty.bits(shown),
                usersWithList: shown.count { !$0.isEmpty })
        }
        return Evaluation.Table(
            targets: targetKind, users: places.count, targetCount: places.reduce(0) { $0 + targets[$1].count },
            rows: rows, gain: gain(rows, columns, bootstrap))
    }

    /// The final lists against the best of the others, on the same users.
    private static func gain(
        _ rows: [Evaluation.Row], _ columns: [[Float]], _ bootstrap: Bootstrap
    ) -> Evaluation.Gain? {
        guard let final = rows.firstIndex(where: { $0.lists == .finalLists }) else { return nil }
        let others = rows.indices.filter { $0 != final }
        guard let best = others.max(by: { rows[$0].value(.ndcg) < rows[$1].value(.ndcg) }) else { return nil }
        let metrics = ListMetric.allCases.count
        let difference = Evaluation.Figure(
            rows[final].value(.ndcg) - rows[best].value(.ndcg),
            bootstrap.interval(of: final * metrics, minus: best * metrics))
        return Evaluation.Gain(over: rows[best].lists, difference: difference)
    }

    static func mean(_ values: [Float]) -> Double {
        values.isEmpty ? 0 : values.reduce(0) { $0 + Double($1) } / Double(values.count)
    }
}
