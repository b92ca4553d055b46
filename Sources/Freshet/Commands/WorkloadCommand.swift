// freshet workload: the load test as an operator runs it, with a live line, a report in three forms, and an exit status.

import ArgumentParser
import Bootstrap
import FoundationEssentials
import Settings
import Stores
import WebClient
import Workload

struct WorkloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workload",
        abstract: "Put load on a running system and report latency, errors and freshness.",
        discussion: """
            Arrivals are planned beforehand and come when they are due, whatever the answers do; latency counts from then. \
            Users and items are drawn from the events that `freshet train prepare-data` set aside, or invented where \
            there are none. The exit status is 1 if a limit was exceeded.
            """)

    @Option(help: "Seconds that arrivals keep coming.") var duration = 900.0
    @Option(help: "The most arrivals (20000 without --rate).") var maxSamples: Int?
    @Option(help: "Arrivals per second (without it: what spreads the samples over the duration).") var rate: Double?
    @Option(help: "Seconds that the rate takes to rise from nothing.") var ramp = 0.0
    @Option(help: "The share of arrivals that keep the next one waiting ten times as long.") var delayedRate = 0.005
    @Option(help: "Requests for recommendations to events.") var mix = "9:1"
    @Option(help: "The share of events that are read back at once.") var freshnessShare = 0.1
    @Option(help: "Milliseconds that such a read may wait for its event.") var waitMs = 2000
    @Option(help: "Recommendations per request.") var places = 100
    @Option(help: "Connections; arrivals wait for a free one.") var connections = 64
    @Option(help: "Milliseconds after which a request is given up.") var timeoutMs = 10_000
    @Option(help: "Another seed plans other arrivals of the same kind.") var seed: UInt64 = 1
    @Option(help: "How events are written: http, or xadd straight to Redis.") var events = EventWay.http
    @Option(help: "last-events, generated, or auto: the first if there are any.") var population = CrowdSource.auto
    @Option(help: "Invented users.") var users = 2000
    @Option(help: "Invented items.") var items = 1000
    @OptionGroup var system: SystemAddresses
    @OptionGroup(title: "Limits and reports") var results: WorkloadResults

    enum EventWay: String, ExpressibleByArgument, CaseIterable { case http, xadd }
    enum CrowdSource: String, ExpressibleByArgument, CaseIterable {
        case auto, generated
        case lastEvents = "last-events"
    }

    func validate() throws {
        do { try parameters().validate() } catch { throw ValidationError("\(error)") }
        guard (1...10_000_000).contains(users), (1...10_000_000).contains(items) else {
            throw ValidationError("--users and --items must be 1 to 10000000")
        }
    }

    func run() async throws {
        let context = try await OperatorContext.load()
        let parameters = try parameters()
        let crowd = try await crowd(context)
        let gateway = try system.gateway(context.reader)
        let report: WorkloadReport
        switch events {
        case .http:
            let ingest = try system.ingest(context.reader)
            report = try await carryOut(
                parameters, crowd, LoadTargets(gateway: gateway, events: .http(ingest)))
        case .xadd:
            report = try await context.withRedis { stores in
                try await carryOut(parameters, crowd, LoadTargets(gateway: gateway, events: .stream(stores.events)))
            }
        }
        try results.finish(report)
    }

    private func carryOut(
        _ parameters: WorkloadParameters, _ crowd: Population, _ targets: LoadTargets
    ) async throws -> WorkloadReport {
        let workload = try Workload(parameters, population: crowd, targets: targets)
        // The first signal ends the load and has it reported; the second one ends the process as always.
        return try await Signals.withFirst {
            workload.stop()
        } during: {
            let report = try await workload.run { progress in ProgressLine.show(progress.line) }
            ProgressLine.clear()
            return report
        }
    }

    private func parameters() throws -> WorkloadParameters {
        guard let mix = WorkloadMix(mix) else {
            throw ValidationError("--mix must be two whole numbers such as 9:1, requests before events; not \"\(mix)\"")
        }
        var parameters = WorkloadParameters()
        parameters.durationSeconds = duration
        parameters.samplesMax = maxSamples
        parameters.ratePerSecond = rate
        parameters.rampSeconds = ramp
        parameters.delayedShare = delayedRate
        parameters.mix = mix
        parameters.freshnessShare = freshnessShare
        parameters.freshnessWaitMs = waitMs
        parameters.seed = seed
        parameters.connections = connections
        parameters.places = places
        parameters.timeoutMs = timeoutMs
        return parameters
    }

    private func crowd(_ context: OperatorContext) async throws -> Population {
        if population != .generated {
            let prepared = PreparedDataStore(objects: try Resources.objectStore(context.stores.objects))
            if let found = try await Population.lastEvents(prepared, seed: seed) { return found }
            guard population == .auto else {
                throw ValidationError(
                    "infer_data/ holds no events that were set aside; run `freshet train prepare-data`, or use "
                        + "--population generated")
            }
        }
        return .generated(users: users, items: items, seed: seed)
    }
}
