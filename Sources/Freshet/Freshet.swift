// The one executable. A subcommand is a role, or something an operator says.

import ArgumentParser
import Bootstrap

@main
struct Freshet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "freshet",
        abstract: "Real-time recommendations over Redis streams.",
        discussion: """
            Start with `freshet up`. Settings come from the environment and from the file .env; see .env.template.
            """,
        groupedSubcommands: [
            CommandGroup(name: "Everything at once", subcommands: [UpCommand.self]),
            CommandGroup(
                name: "Roles",
                subcommands: [
                    IngestCommand.self, FeaturesCommand.self, ArchiveCommand.self, LoaderCommand.self,
                    TrainerCommand.self, GatewayCommand.self,
                ]),
            CommandGroup(
                name: "Operating",
                subcommands: [
                    ReloadCommand.self, ReleaseCommand.self, RollbackCommand.self, GenerationsCommand.self,
                    HideCommand.self,
                    QuarantineCommand.self,
                ]),
            CommandGroup(
                name: "Watching",
                subcommands: [
                    DoctorCommand.self, QualityCommand.self, SmokeCommand.self, WorkloadCommand.self,
                ]),
            CommandGroup(
                name: "Data and models",
                subcommands: [
                    SampleDataCommand.self, TrainCommand.self, EvaluateCommand.self, ModelCommand.self,
                    MLflowCommand.self,
                ]),
        ])

    /// The commands that grow trees.
    private static let training: Set<String> = ["up", "train", "trainer", "evaluate", "model"]

    static func main() async {
        if CommandLine.arguments.dropFirst().first.map(training.contains) ?? false { PatientThreads.ensure() }
        await main(nil)
    }
}
