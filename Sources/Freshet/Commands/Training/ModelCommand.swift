// freshet model: which models there are, how they compare, and which one is in use.

import ArgumentParser
import Stores
import Telemetry
import Trainer

struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "List, compare, promote and go back to models.",
        subcommands: [
            ModelListCommand.self, ModelCompareCommand.self, ModelPromoteCommand.self, ModelRollbackCommand.self,
        ])
}

struct ModelListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The models in use, before it, and waiting.")

    func run() async throws {
        let models = try await TrainingContext.load().stores.models
        let inUse = try await models.manifest(in: .inUse)
        let retrained = try await models.manifest(in: .retrained)
        var table = TextTable(["model", "state", "trained", "NDCG@10, new items", "promoted", "by"])
        for model in try await models.all(in: .inUse) {
            table.add(Self.row(model, model.model == inUse?.model ? "in use" : "earlier"))
        }
        if let retrained, retrained.model != inUse?.model { table.add(Self.row(retrained, "waits")) }
        guard inUse != nil || retrained != nil else {
            return print("there is no model yet; `freshet train run` makes one")
        }
        print(table.text)
    }

    private static func row(_ model: ModelManifest, _ state: String) -> [String] {
        [
            model.model, state, UTCTime.text(milliseconds: model.createdAtMs),
            model.metrics["final.new.ndcg"].map { "\(($0 * 10_000).rounded() / 10_000)" } ?? "not judged",
            model.promotedAtMs.map { UTCTime.text(milliseconds: $0) } ?? "", model.promotedBy ?? "",
        ]
    }
}

struct ModelCompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "The model that waits beside the one in use, on the same held-out period.")

    @Flag(help: "Print JSON instead of a table.") var json = false

    func run() async throws {
        let context = try await TrainingContext.load()
        let models = context.stores.models
        guard let candidate = try await TrainedModel.read(from: models, .retrained) else {
            throw OperatorError("no model waits; `freshet train retrain-models` makes one")
        }
        guard let current = try await TrainedModel.read(from: models, .inUse) else {
            throw OperatorError("no model is in use to compare with; `freshet model promote` uses the one that waits")
        }
        let prepared = try await context.prepare()
        let meter = ProgressMeter(label: "compare")
        let comparison = try await ComparingModels(parameters: context.parameters).run(
            current: current, candidate: candidate, prepared, progress: meter.show)
        meter.end("compared")
        if json {
            print(try comparison.json)
        } else {
            for line in comparison.lines { print(line) }
        }
    }
}

struct ModelPromoteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote", abstract: "Use the model that waits; the next run makes its lists with it.")

    @Option(help: "Whose word it is, for the record.") var author = OperatorName.current

    func run() async throws {
        let context = try await TrainingContext.load()
        let manifest = try await context.stores.models.promote(author: author, nowMs: UTCTime.nowMs())
        print(
            "model \(manifest.model) is in use; `freshet train run` makes lists with it, `freshet model rollback` goes back"
        )
        await context.tracking?.send()
    }
}

struct ModelRollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Go back to the model that was in use before.")

    @Option(help: "Whose word it is, for the record.") var author = OperatorName.current

    func run() async throws {
        let context = try await TrainingContext.load()
        let manifest = try await context.stores.models.rollBack(author: author, nowMs: UTCTime.nowMs())
        print("model \(manifest.model) is in use again; `freshet train run` makes lists with it")
        await context.tracking?.send()
    }
}
