// freshet smoke: is the running system as promised?

import ArgumentParser
import Settings
import Stores
import Telemetry
import WebClient
import Workload

struct SmokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "smoke",
        abstract: "Send the four classic users through a running system and check every place.",
        discussion: """
            Two users with offline lists are given an event each, and a new user appears. Checked are: odd places online, \
            even places offline, behind exclusion and de-duplication; as many items as asked for; nothing twice; nothing \
            just touched; the event shows. The exit status is 1 if anything is not so.
            """)

    @OptionGroup var system: SystemAddresses

    func run() async throws {
        let context = try await OperatorContext.load()
        let (gateway, ingest) = (try system.gateway(context.reader), try system.ingest(context.reader))
        let faults = try await context.withRedis { stores in
            let subjects = try await SmokeSubjects.find(in: stores, run: UTCTime.compact(milliseconds: UTCTime.nowMs()))
            return try await SmokeTest(
                subjects: subjects, gateway: gateway, ingest: ingest, events: stores.events
            ).run { line in print(line) }
        }
        guard faults.isEmpty else {
            print("\nsmoke: \(faults.count) promises are broken")
            throw ExitCode(1)
        }
        print("\nsmoke: all four users as promised")
    }
}
