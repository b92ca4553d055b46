// The steps of training, each of which can run alone.

import ArgumentParser
import Models
import Stores
import Telemetry
import Trainer

struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Compute a release from the source data.",
        subcommands: [PrepareDataCommand.self, CalcRecommendationsCommand.self])
}

struct CalcRecommendationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calc-recommendations",
        abstract: "Compute popular, similar and offline lists, publish them as a release and ask for it.")

    @Flag(help: "Publish the release without asking for it; `freshet reload` makes it live later.") var noReload = false

    func run() async throws {
        let context = try await OperatorContext.load()
        let (releases, source) = try context.objects()
        let manifest = try await CalculateRecommendations(source: source, releases: releases).run(
            nowMs: UTCTime.nowMs(), producer: "freshet train calc-recommendations"
        ) { progress in
            ProgressLine.show("\(Int(progress.fraction * 100)) % \(progress.step.rawValue): \(progress.detail)")
        }
        ProgressLine.show("published release \(manifest.release)", isLast: true)
        for list in ReleaseList.allCases {
            guard let file = manifest.file(list) else { continue }
            print("  \(file.name): \(file.rows) rows in \(file.lists) lists, \(file.bytes) bytes")
        }
        guard !noReload else { return }
        _ = try await context.withRedis { stores in try await stores.releases.request(manifest.release) }
        print("asked for it; `freshet generations` shows when it is live")
    }
}
