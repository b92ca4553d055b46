// freshet evaluate: what the present settings, or the model in use, would have recommended before the end of the log, and
// what users did then.

import ArgumentParser
import Bootstrap
import FoundationEssentials
import Stores
import Trainer

struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Judge lists on the end of the log, beside popular, recently touched, item-to-item and others.",
        discussion: """
            Prepared data before a cut in time is learned from; what users did after it is held out. With the parameters of the
            model in use if there is one, else with the defaults. Nothing is stored unless asked for.
            """)

    @Flag(help: "Print JSON instead of a table.") var json = false
    @Option(help: "Write a picture (SVG) to this file.") var picture: String?
    @Flag(help: "Use the settings' parameters although a model is in use.") var ignoreModel = false

    func run() async throws {
        let context = try await TrainingContext.load()
        let prepared = try await context.prepare()
        let model = ignoreModel ? nil : try await TrainedModel.read(from: context.stores.models, .inUse)
        let meter = ProgressMeter(label: "evaluate")
        let paper = try await Evaluating(parameters: context.parameters, model: model).run(
            prepared, progress: meter.show)
        meter.end("evaluated")
        if let picture {
            try Data(paper.svg.utf8).write(to: URL(filePath: picture))
            if !json { print("picture: \(picture)") }
        }
        if json {
            print(try paper.json)
        } else {
            for line in paper.lines { print(line) }
        }
    }
}
