// Writes an invented shop's log, for a first start and for load tests.

import ArgumentParser
import SampleData
import Stores

struct SampleDataCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample-data",
        abstract: "Write an invented shop's log, in RetailRocket's format, to source_data/.",
        discussion: "The same parameters write the same bytes. 3 million events need little memory.")

    @Option(help: "Visitors.") var users = SampleDataParameters.standard.users
    @Option(help: "Items in the catalogue.") var items = SampleDataParameters.standard.items
    @Option(help: "Events.") var events = SampleDataParameters.standard.events
    @Option(help: "Days that the log covers.") var days = SampleDataParameters.standard.days
    @Option(help: "Another seed gives another log of the same shape.") var seed: UInt64 = 1
    @Flag(help: "Replace files that are there.") var force = false

    func run() async throws {
        let context = try await OperatorContext.load()
        let (_, source) = try context.objects()
        let parameters = try SampleDataParameters(users: users, items: items, events: events, days: days, seed: seed)
        let isEmpty = try await source.files().isEmpty
        guard force || isEmpty else {
            throw ValidationError("source_data/ is not empty. Use --force to replace files of the same name.")
        }
        try await SampleDataWriting.write(parameters, to: source) { written in
            ProgressLine.show("events \(written) of \(parameters.events)")
        }
        ProgressLine.show(
            "wrote \(parameters.events) events of \(parameters.users) users with \(parameters.items) items over "
                + "\(parameters.days) days", isLast: true)
    }
}

/// Writes sample data to the object store.
enum SampleDataWriting {
    /// Writes the four files; `progress` hears how many events are written.
    static func write(
        _ parameters: SampleDataParameters, to source: SourceDataStore, progress: @escaping @Sendable (Int) -> Void
    ) async throws {
        let data = SampleData(parameters)
        try await source.write("category_tree.csv", chunks: [data.categoryTree()])
        for part in 1...2 {
            try await source.write("item_properties_part\(part).csv", chunks: data.itemProperties(part: part))
        }
        // The log comes last: where it is, the rest is there too.
        try await source.write("events.csv", chunks: data.events(progress: progress))
    }
}
