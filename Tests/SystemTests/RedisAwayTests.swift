// Redis away for ten seconds at each step between a request for training and the answers: a run waits or is taken up again, and
// what was asked for is live in the end, without a person.

import Fixtures
import Models
import Redis
import Stores
import TestServers
import Testing
import WebClient

extension WholeSystem {
    @Suite(.timeLimit(.minutes(8))) struct `Redis away for ten seconds` {
        private static let awaySeconds = 10

        /// Where the run is when Redis goes.
        enum Moment: String, CaseIterable {
            case prepare, learn, offline, publish, load, activate

            /// A few belong to every test run.
            static var tried: [Moment] { ChaosSettings.isWhole ? allCases : [.learn, .publish, .load] }
        }

        @Test func `at each step of a run delays it and loses nothing`() async throws {
            var options = SystemOptions()
            options.redis.isPersistent = true
            options.environment = ["AUTONOMOUS_MODE": "ON", "GATE_USERS_LOST_MAX": "1", "GATE_WATCH_SECONDS": "0"]
            try await withSystem(options) { system in
                try await Self.writeLog(1, system)
                var processes: [FreshetProcess] = []
                for role in [FreshetProcess.Role.trainer, .loader, .gateway, .features] {
                    processes.append(try await system.start(role))
                }
                let first = try await Self.request(system)
                let release = try await Self.converge(first, system)
                let users = try await ReleaseTruth(release, from: system.releases).users
                for process in processes { try await process.awaitReady() }

                for (index, moment) in Moment.tried.enumerated() {
                    try await Self.writeLog(2 + index % 2, system)
                    let before = try await system.stores.generations.all().last?.generation ?? 0
                    let run = try await Self.request(system)
                    try await eventually("the run has come to \(moment)", seconds: 60) {
                        try await Self.hasCome(to: moment, run, after: before, system)
                    }
                    // Every second time it hangs instead of dying: connections stay and nothing answers.
                    if index.isMultiple(of: 2) { await system.redis.kill() } else { system.redis.suspend() }
                    let since = ContinuousClock.now
                    try await eventually("ten seconds are over, and everybody has noticed", seconds: 60) {
                        guard ContinuousClock.now - since > .seconds(Self.awaySeconds) else { return false }
                        for process in processes {
                            guard try await HTTP.get(process.port, "/readyz").status == 503 else { return false }
                        }
                        return true
                    }
                    // Nobody has died of it, and whoever asks is answered.
                    #expect(!processes.contains { !$0.isRunning })
                    let user = try #require(users.first)
                    #expect(try await HTTP.get(processes[2].port, "/v1/recommendations/\(user)?k=5").status == 200)
                    if index.isMultiple(of: 2) { try await system.redis.restart() } else { system.redis.resume() }
                    let release = try await Self.converge(run, system)
                    try await eventually("\(release) is served") {
                        let answer = try await HTTP.get(
                            processes[2].port, "/v1/recommendations/\(user)?k=5&explain=true")
                        guard answer.status == 200 else { return false }
                        let read = try answer.decode(ExplainedAnswer.self)
                        let served = try await system.stores.generations.info(read.generation)?.release
                        return read.served_by == "full" && served == release
                    }
                }
            }
        }

        private static func writeLog(_ seed: Int, _ system: FreshetSystem) async throws {
            let data = try await system.command(
                "sample-data", "--users", "200", "--items", "100", "--events", "4000", "--days", "20", "--seed",
                "\(seed)", "--force")
            try #require(data.status == .exited(0), "\(data.output)")
        }

        private static func request(_ system: FreshetSystem) async throws -> String {
            try await system.stores.training.request(nil, by: "test", nowMs: 1).run
        }

        private static func hasCome(
            to moment: Moment, _ run: String, after generation: Int, _ system: FreshetSystem
        ) async throws -> Bool {
            let now = try await system.stores.training.run(run)
            let newest = try await system.stores.generations.all().last
            let isOpen = newest.map { $0.generation > generation } ?? false
            switch moment {
            case .prepare, .learn, .offline, .publish:
                let steps = now?.fields["steps"] ?? ""
                return now?.state?.isOver == true || steps.contains("\(moment.rawValue)=")
            case .load: return isOpen
            case .activate: return isOpen && newest?.state == "ready"
            }
        }

        /// The run succeeds and its release is live; its name.
        private static func converge(_ run: String, _ system: FreshetSystem) async throws -> String {
            try await eventually("our client is connected again") {
                await system.stores.fault(deadlineMs: 1000) == nil
            }
            try await eventually("run \(run) is over", seconds: 90) {
                try await system.stores.training.run(run)?.state?.isOver == true
            }
            let over = try #require(try await system.stores.training.run(run))
            try #require(over.state == .succeeded, "\(over.fields)")
            let release = try #require(over.release)
            try await eventually("\(release) is live", seconds: 60) {
                guard let active = try await system.stores.generations.active() else { return false }
                return try await system.stores.generations.info(active)?.release == release
            }
            return release
        }
    }
}
