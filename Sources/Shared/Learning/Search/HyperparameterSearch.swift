// Which settings order best what users touched next. Sources of candidates are tuned one by one, each by its own lists,
// then the trees on the candidates of the tuned sources; so a setting costs one source, not a whole training. The period
// that settings are judged by ends where the data ends: whoever wants to judge the winner holds back a later one.

/// Looks for better parameters.
package struct HyperparameterSearch: Sendable {
    private let data: TrainingData
    private let search: SearchParameters
    private let period: HeldOutPeriod
    private let control: StepControl
    /// Whether time is up.
    private let isOver: @Sendable () -> Bool

    private static let length = 10
    private static let stages = 4.0

    /// Prepares a search; nil if nobody has events both before the judged period and in it.
    /// - Parameter isOver: Whether the budget's minutes have passed; Learning has no clock.
    package init?(
        _ data: TrainingData, _ search: SearchParameters, control: StepControl = StepControl(),
        isOver: @escaping @Sendable () -> Bool = { false }
    ) {
        guard let periodMs = data.lastPeriod(share: search.judgedShare) else { return nil }
        let period = HeldOutPeriod(data, periodMs: periodMs, usersMax: search.usersMax, seed: search.seed)
        guard period.targets(.new).contains(where: { !$0.isEmpty }) else { return nil }
        self.data = data
        self.search = search
        self.period = period
        self.control = control
        self.isOver = isOver
    }

    /// The best parameters found, and what each stage brought. Same data, parameters and seed, same result, unless time
    /// runs out.
    /// - Throws: CancellationError, `BoostingError`.
    package func run(_ first: RankerParameters) throws -> (parameters: RankerParameters, report: SearchReport) {
        var parameters = first
        var report = SearchReport()
        var space = SearchSpace(seed: search.seed)
        let base = try SearchBase(period: period, parameters: first)
        let sources: [(String, (inout SearchSpace, inout RankerParameters) -> Void, ComparedLists)] = [
            ("autoencoder", { $0.autoencoder(&$1) }, .autoencoder), ("factors", { $0.factors(&$1) }, .factors),
            ("similar", { $0.similar(&$1) }, .itemToItem),
        ]
        for (stage, (name, change, kind)) in sources.enumerated() {
            let settings = space.settings(parameters, count: search.trials, change)
            parameters = try best(of: settings, name, stage, &report) { setting, effort in
                try base.score(kind, setting, effort: effort, length: Self.length, control: control.silent)
            }
        }
        let settings = space.settings(parameters, count: search.trials) { $0.trees(&$1) }
        if let rows = try TreeTrials(period: period, parameters: parameters, control: control.silent) {
            parameters = try best(of: settings, "trees", sources.count, &report) { setting, effort in
                try rows.score(setting.boosting, effort: effort, length: Self.length, control: control.silent)
            }
        }
        control.report(1)
        return (parameters, report)
    }

    private func best(
        of settings: [RankerParameters], _ name: String, _ stage: Int, _ report: inout SearchReport,
        score: (RankerParameters, Double) throws -> Double
    ) throws -> RankerParameters {
        var done = 0.0
        // Trials of all three rounds, roughly.
        let all = Double(settings.count) * (1 + search.keptShare + search.keptShare * search.keptShare) + 2
        let found = try SuccessiveHalving.best(of: settings, keptShare: search.keptShare, isOver: isOver) {
            setting, effort in
            try control.check()
            let value = try score(setting, effort)
            done += 1
            control.report((Double(stage) + min(done / all, 1)) / Self.stages)
            return value
        }
        report.stages.append(
            SearchReport.Stage(
                name: name, trials: settings.count, before: found.first, after: found.score,
                isCutShort: found.isCutShort))
        return found.setting
    }
}
