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

/// Where the running system listens, for the commands that ask it.
struct SystemAddresses: ParsableArguments {
    @Option(name: .customLong("gateway"), help: "The gateway, such as http://127.0.0.1:8090.")
    var gatewayURL: String?
    @Option(name: .customLong("ingest"), help: "The ingest, such as http://127.0.0.1:8092.")
    var ingestURL: String?

    /// The gateway; on this machine, at the port of the settings, unless told otherwise.
    func gateway(_ reader: SettingsReader) throws -> WebAddress {
        try Self.address(gatewayURL, "--gateway", port: try GatewaySettings(reader).http.port)
    }

    /// The ingest, in the same way.
    func ingest(_ reader: SettingsReader) throws -> WebAddress {
        try Self.address(ingestURL, "--ingest", port: try IngestSettings(reader).http.port)
    }

    private static func address(_ url: String?, _ option: String, port: Int) throws -> WebAddress {
        guard let url else { return WebAddress(host: "127.0.0.1", port: port) }
        guard let address = WebAddress(url: url) else {
            throw ValidationError("\(option) must be like http://127.0.0.1:\(port), not \"\(url)\"")
        }
        return address
    }
}
