// The steps of training, each of which can run alone, and all of them in the order of the mode.

import ArgumentParser
import Models
import Stores
import Telemetry
import Trainer

struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "From source data to a release: all steps, or one of them.",
        groupedSubcommands: [
            CommandGroup(
                name: "By a trainer",
                subcommands: [TrainRequestCommand.self, TrainStatusCommand.self, TrainCancelCommand.self]),
            CommandGroup(
                name: "Here and now",
                subcommands: [
                    TrainRunCommand.self, PrepareDataCommand.self, RetrainModelsCommand.self,
                    CalcRecommendationsCommand.self, PublishCommand.self,
                ]),
        ])
}

struct TrainRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run all steps here and now, in the order of AUTONOMOUS_MODE.",
        discussion: """
            off (manual): prepare data, make lists with the model in use, publish them, then train a model that waits for
            `freshet model promote`. on (autonomous): prepare data, train a model, use it for the lists, publish them. The first
            run ever trains whatever the mode. What an interrupted run had finished is used again.
            """)

    @Flag(help: "Publish the release without asking for it; `freshet reload` makes it live later.") var noReload = false

    func run() async throws {
        let context = try await TrainingContext.load()
        let pipeline = TrainingPipeline(
            stores: context.stores, preparation: context.preparation, parameters: context.parameters)
        let meter = ProgressMeter(label: "train")
        let record = HandRun(context.tracking?.recorder, mode: context.mode.rawValue, producer: "freshet train run")
        let outcome = try await record.following {
            try await pipeline.run(
                mode: context.mode, nowMs: UTCTime.nowMs(), producer: "freshet train run",
                published: { release in
                    guard !noReload else { return }
                    _ = try await context.base.withRedis { try await $0.releases.request(release.release) }
                },
                progress: { progress in
                    record.note(progress.step)
                    meter.show(progress)
                })
        } finish: { run, outcome in
            run.outcome = outcome
        }
        meter.end("published release \(outcome.release.release), made with model \(outcome.model.model)")
        ReleaseLines.show(outcome.release)
        if let retrained = outcome.retrained {
            print(
                "trained model \(retrained.model), which waits: `freshet model compare`, then `freshet model promote`")
        }
        if !noReload { print("asked for the release; `freshet generations` shows when it is live") }
        await context.tracking?.send()
    }
}

struct RetrainModelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retrain-models",
        abstract: "Train and judge a model on prepared data; it waits in model_retrained/ for `freshet model promote`.")

    @Flag(help: "Put the model into use at once, as autonomous runs do.") var intoUse = false
    @Flag(help: "Train even if neither data nor settings have changed.") var force = false
    @Option(help: "Settings that are tried for each part of the model, instead of TRAINING_SEARCH_TRIALS.") var trials:
        Int?
    @Option(help: "Minutes after which nothing new is tried, instead of TRAINING_SEARCH_MINUTES.") var minutes: Double?

    func validate() throws {
        guard trials.map({ (0...1000).contains($0) }) ?? true else {
            throw ValidationError("--trials must be a number from 0 to 1000")
        }
        guard minutes.map({ $0 > 0 }) ?? true else { throw ValidationError("--minutes must be more than 0") }
    }

    func run() async throws {
        let context = try await TrainingContext.load()
        let parameters = context.parameters.searching(trials: trials, minutesMax: minutes)
        let prepared = try await context.prepare()
        let meter = ProgressMeter(label: "train")
        let slot = intoUse ? ModelSlot.inUse : .retrained
        let name = "freshet train retrain-models"
        let record = HandRun(context.tracking?.recorder, mode: "retrain-models", producer: name)
        let (manifest, isReused) = try await record.following {
            try await RetrainModels(models: context.stores.models, parameters: parameters).run(
                prepared, into: slot, author: intoUse ? name : nil, nowMs: UTCTime.nowMs(), isForced: force,
                progress: { progress in
                    record.note(progress.step)
                    meter.show(progress)
                })
        } finish: { run, trained in
            run.trained = (trained.manifest, slot)
        }
        meter.end("model \(manifest.model) \(isReused ? "stands as trained before" : "trained")")
        let paper = try await EvaluationPaper(of: manifest, in: slot, from: context.stores.models)
        for line in paper?.lines ?? ["nobody could be judged: the log is too short"] { print("  \(line)") }
        print(intoUse ? "it is in use" : "`freshet model compare` shows it beside the one in use")
        await context.tracking?.send()
    }
}

struct CalcRecommendationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calc-recommendations",
        abstract:
            "Compute popular, similar and offline lists with the model in use; they wait for `freshet train publish`.")

    func run() async throws {
        let context = try await TrainingContext.load()
        guard let model = try await TrainedModel.read(from: context.stores.models, .inUse) else {
            throw OperatorError("no model is in use; `freshet train retrain-models --into-use` makes one")
        }
        let prepared = try await context.prepare()
        let meter = ProgressMeter(label: "train")
        let calculating = CalculateRecommendations(
            releases: context.stores.releases, drafts: context.stores.drafts, parameters: context.parameters)
        let draft = try await calculating.run(
            prepared, model: model, nowMs: UTCTime.nowMs(), producer: "freshet train calc-recommendations",
            progress: meter.show)
        meter.end("release \(draft.release) waits for `freshet train publish`")
        ReleaseLines.show(draft)
    }
}

struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish", abstract: "Publish the release that waits, and ask for it.")

    @Flag(help: "Publish the release without asking for it; `freshet reload` makes it live later.") var noReload = false

    func run() async throws {
        let context = try await TrainingContext.load()
        let manifest = try await PublishRelease(
            releases: context.stores.releases, drafts: context.stores.drafts
        ).run()
        print("published release \(manifest.release)")
        guard !noReload else { return }
        _ = try await context.base.withRedis { stores in try await stores.releases.request(manifest.release) }
        print("asked for it; `freshet generations` shows when it is live")
    }
}

/// A release in a few lines.
enum ReleaseLines {
    static func show(_ manifest: ReleaseManifest) {
        for list in ReleaseList.allCases {
            guard let file = manifest.file(list) else { continue }
            print("  \(file.name): \(file.rows) rows in \(file.lists) lists, \(file.bytes) bytes")
        }
    }
}
