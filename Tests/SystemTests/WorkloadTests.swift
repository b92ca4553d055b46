// The load test on the whole system: what it says it sent is what the system counted, to the last item.

import Fixtures
import FoundationEssentials
import Models
import Stores
import TestServers
import Testing
import WebClient

extension WholeSystem {
    @Suite(.timeLimit(.minutes(2))) struct `Load test` {
        private struct Statistics: Decodable {
            let answers: [String: Int]
            let items: [String: Int]
        }

        @Test func `the report and the gateway count the same, whichever way the events take`() async throws {
            try await withSystemToLoad { system, roles, environment in
                var sent = (events: 0, answers: 0)
                var items: [String: Int] = [:]
                for way in ["http", "xadd"] {
                    let result = try await system.command(
                        "workload", "--duration", "3", "--rate", "100", "--ramp", "1", "--mix", "1:1",
                        "--freshness-share", "0.5", "--wait-ms", "10000", "--users", "20", "--items", "10",
                        "--events", way, "--json", "\(way).json", "--picture", "\(way).svg", environment: environment)
                    #expect(result.status == .exited(0), "\(result.output)")
                    let report = try LoadReport.read(system, "\(way).json")
                    #expect(report.errors.isEmpty)
                    #expect(report.sent.recommendations + report.sent.events == 250)
                    #expect(report.sent.unsent == 0)
                    #expect(report.recommendations.count == report.sent.recommendations)
                    #expect(report.events.count == report.sent.events)
                    #expect(report.freshness.count == report.sent.reads_back)
                    #expect(report.sent.reads_back > 20)
                    #expect(report.lateness.count == 250)
                    #expect(report.recommendations.p50_ms > 0)
                    #expect(report.served_by == ["full": report.sent.recommendations + report.sent.reads_back])
                    sent.events += report.sent.events
                    sent.answers += report.sent.recommendations + report.sent.reads_back
                    items.merge(report.items) { $0 + $1 }
                    #expect(result.output.contains("event to answer"), "\(result.output)")
                    let picture = try String(contentsOfFile: system.folder.appending("\(way).svg"), encoding: .utf8)
                    #expect(picture.hasPrefix("<svg") && picture.hasSuffix("</svg>\n"))
                    #expect(picture.contains(#"class="freshness" d="M"#))
                }
                let statistics = try await HTTP.get(roles.gateway.port, "/v1/stats").decode(Statistics.self)
                #expect(statistics.answers["full"] == sent.answers)
                #expect(statistics.items == items)
                #expect(items["online", default: 0] > 0)
                #expect(items["offline", default: 0] > 0)
                #expect(items["popular", default: 0] > 0)
                let length = try await system.redisCLI("XLEN", "events")
                #expect(length == "\(sent.events)")
            }
        }

        @Test func `a limit that is exceeded is the exit status`() async throws {
            try await withSystemToLoad { system, _, environment in
                let arguments = ["workload", "--duration", "1", "--rate", "50", "--users", "20", "--items", "10"]
                let result = try await system.command(
                    arguments + ["--p99-limit-ms", "0.0001", "--freshness-p99-limit-ms", "60000"],
                    environment: environment)
                #expect(result.status == .exited(1))
                #expect(result.output.contains("EXCEEDED    p99 of recommendations is"), "\(result.output)")
                let nonsense = try await system.command(arguments + ["--mix", "much"], environment: environment)
                #expect(nonsense.status == .exited(64))
                #expect(nonsense.output.contains("--mix must be two whole numbers"), "\(nonsense.output)")
                let missing = try await system.command(
                    arguments + ["--population", "last-events"], environment: environment)
                #expect(missing.output.contains("freshet train prepare-data"), "\(missing.output)")
            }
        }

        @Test func `Ctrl-C ends the load and still reports`() async throws {
            try await withSystemToLoad { system, roles, environment in
                let child = try ChildProcess.spawn(
                    try FreshetExecutable.path(), ["workload", "--duration", "3600", "--rate", "50"],
                    environment: system.environment.merging(environment) { $1 },
                    workingDirectory: system.folder.path, logFile: system.folder.appending("interrupted.log"))
                try await eventually("load arrives") {
                    let statistics = try await HTTP.get(roles.gateway.port, "/v1/stats").decode(Statistics.self)
                    return statistics.answers["full", default: 0] > 10
                }
                child.signal(2)
                let status = await child.wait(withinMs: 10_000)
                if status == nil { await child.kill() }
                #expect(status == .exited(0), "\(child.log())")
                #expect(child.log().contains("stopped early"), "\(child.log())")
            }
        }
    }
}
