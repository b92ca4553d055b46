// The dashboard and the rules against a real Prometheus that scrapes the live system under load: every panel's query is
// asked, and its answer must be plausible.

import Fixtures
import FoundationEssentials
import Models
import Stores
import TestServers
import Testing
import WebClient

extension WholeSystem {
    @Suite(.timeLimit(.minutes(3))) struct `Dashboard and rules` {
        /// What each panel's values must lie in. A panel that is missing here fails the test.
        private static let plausible: [String: ClosedRange<Double>] = [
            "CPU and memory now": 0.001...1, "CPU and memory over time": 0.001...1,
            "Requests for recommendations": 0.000_01...100_000, "Share of offline items": 0...1,
            "Where items came from": 1...1e9, "Errors by role": 0...0, "From event to recommendation": 0.000_1...30,
            "Consumer lag": 0...1e6, "Events": 0...100_000, "Quarantine": 0...0, "Parity violations": 0...0,
            "Not yet archived": 0...1e6,
            "Degradation ladder": 0...100_000, "Slowest hundredth by route": 0.000_01...30, "Live generation": 1...1,
            "Age": 0...600, "Instances on the live generation": 2...2, "Releases": 0...1, "At the gate": 0...0,
            "Poor answers": 0...1, "CPU by role": 0...64,
            "Memory by role": 1e6...1e11, "Redis round trip": 0.000_01...10, "Redis connections": 0...64,
            "Redis reconnects and retries": 0...0, "Live hit rate": 0...1, "Mean reciprocal rank": 0...1,
            "Online against offline": 0...1, "Scored events": 0...100_000, "Object store": 0...1e9,
        ]
        /// Panels of what no role of this test does.
        private static let unasked = ["State", "Runs by outcome", "Duration of steps", "Last success"]

        @Test func `the dashboard has the form that Grafana loads`() throws {
            let dashboard = try Dashboard.read()
            #expect(!dashboard.uid.isEmpty && !dashboard.title.isEmpty && dashboard.schemaVersion >= 36)
            #expect(Set(dashboard.panels.map(\.id)).count == dashboard.panels.count)
            for panel in dashboard.panels {
                let place = panel.gridPos
                #expect(place.x >= 0 && place.w >= 1 && place.h >= 1 && place.x + place.w <= 24, "\(panel.title)")
                guard panel.type != "row" else { continue }
                #expect(["gauge", "timeseries", "stat", "piechart"].contains(panel.type))
                #expect(panel.description?.isEmpty == false, "\(panel.title)")
                let targets = try #require(panel.targets, "\(panel.title)")
                #expect(Set(targets.map(\.refId)).count == targets.count && !targets.isEmpty)
                #expect(targets.allSatisfy { $0.datasource.uid == "freshet" })
            }
            for (number, one) in dashboard.panels.enumerated() {
                for other in dashboard.panels.dropFirst(number + 1) {
                    let (a, b) = (one.gridPos, other.gridPos)
                    let isApart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y
                    #expect(isApart, "\(one.title) and \(other.title) overlap")
                }
            }
        }

        @Test func `every panel shows something plausible under load`() async throws {
            try await withSystem { system in
                try await ReleaseFixture.tagged("t1").publish(to: system.releases)
                let loader = try await system.start(.loader)
                let archive = try await system.start(.archive, ["ARCHIVE_FILE_SECONDS": "1", "ARCHIVE_POLL_MS": "100"])
                let features = try await system.start(.features, ["LIVE_QUALITY_SHARE": "1"])
                let ingest = try await system.start(.ingest)
                let gateway = try await system.start(.gateway, ["LIVE_QUALITY_SHARE": "1"])
                for process in [features, ingest, gateway] { try await process.awaitReady() }
                let prometheus = try await PrometheusServer.start(
                    configurationFolder: "\(Dashboard.deployFolder)/prometheus",
                    targets: [loader, archive, features, ingest, gateway].map(\.port))
                do {
                    try await underLoad(ingest, gateway) { try await Self.check(prometheus.port) }
                } catch {
                    await prometheus.shutdown()
                    throw error
                }
                await prometheus.shutdown()
            }
        }

        /// Asks every panel's queries until each has an answer, and judges it.
        private static func check(_ port: Int) async throws {
            for panel in try Dashboard.read().panels where panel.type != "row" {
                for target in panel.targets ?? [] {
                    if unasked.contains(panel.title) {
                        let answer = try await QueryAnswer.ask(port, target.expr)
                        #expect(answer.status == "success", "\(panel.title): \(answer.error ?? "")")
                        continue
                    }
                    let range = try #require(plausible[panel.title], "no plausible range for \(panel.title)")
                    var last: QueryAnswer?
                    do {
                        // Rates need two scrapes, and rules another round on top.
                        try await eventually("\(panel.title): \(target.expr)", seconds: 30) {
                            let answer = try await QueryAnswer.ask(port, target.expr)
                            last = answer
                            let values = answer.data?.result.map(\.value.number) ?? []
                            return !values.isEmpty && values.allSatisfy(range.contains)
                        }
                    } catch { Issue.record("\(error): \(last.map { "\($0)" } ?? "")") }
                }
            }
            // All that is wrong in a young system is that it has no features consumer yet, or no generation.
            let alerts = try await QueryAnswer.ask(port, #"ALERTS{alertstate="firing"}"#)
            #expect(alerts.data?.result.map(\.metric) == [])
        }

        /// Runs `body` while one client sends events and another asks for recommendations.
        private func underLoad(
            _ ingest: FreshetProcess, _ gateway: FreshetProcess, _ body: () async throws -> Void
        ) async throws {
            let goesOn = Switch()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await HTTP.withConnection(ingest.port) { connection in
                        var number = 0
                        while goesOn.isOn {
                            number += 1
                            let user = "u\(number % 5 + 1)"
                            // What has similar items, and what stands in lists.
                            let item =
                                number % 3 == 0
                                ? "i\(number % 10 + 1)" : "t1.o\(number % 5 + 1).\(number / 5 % 20 + 1)"
                            let event = #"{"user_id": "\#(user)", "item_id": "\#(item)"}"#
                            _ = try await connection.post("/v1/events", event)
                        }
                    }
                }
                group.addTask {
                    try await HTTP.withConnection(gateway.port) { connection in
                        var number = 0
                        while goesOn.isOn {
                            number += 1
                            _ = try await connection.get("/v1/recommendations/u\(number % 7)?k=20")
                            _ = try await connection.post("/recommendations?user_id=u\(number % 7)&k=50")
                        }
                    }
                }
                defer { goesOn.turnOff() }
                try await body()
            }
        }

        @Test func `every alert has a test of its own, and promtool is content`() async throws {
            try await withSystem { system in
                let folder = "\(Dashboard.deployFolder)/prometheus"
                for arguments in [
                    ["check", "config", "\(folder)/prometheus.yml"], ["test", "rules", "\(folder)/tests/alerts.yml"],
                ] {
                    let check = try ChildProcess.spawn(
                        "promtool", arguments, workingDirectory: system.folder.path,
                        logFile: system.folder.appending("promtool.log"))
                    #expect(await check.wait(withinMs: 60_000) == .exited(0), "\(check.log())")
                }
                func lines(_ file: String, _ prefix: String) throws -> Set<String> {
                    let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
                    return Set(
                        text.split(separator: "\n").map { $0.drop { $0 == " " || $0 == "-" } }
                            .filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) })
                }
                let alerts = try lines("rules/alerts.yml", "alert: ")
                #expect(alerts.count >= 20)
                #expect(try alerts.subtracting(lines("tests/alerts.yml", "alertname: ")) == [])
            }
        }
    }
}
