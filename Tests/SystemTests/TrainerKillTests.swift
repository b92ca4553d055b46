// kill -9 of trainers at random moments of real runs, with Redis restarted in between: no request is lost, and the
// newest release becomes live without a person.

import Fixtures
import Models
import Redis
import Stores
import TestServers
import Testing

extension WholeSystem {
    @Suite(.timeLimit(.minutes(5))) struct `Killing the trainer` {
        private static let rounds = 4
        private static let quick = ["TRAINER_POLL_MS": "100", "TRAINING_ATTEMPTS_MAX": "100", "LOADER_POLL_MS": "100"]

        private func withShop(_ body: (FreshetSystem) async throws -> Void) async throws {
            var options = SystemOptions()
            options.redis.isPersistent = true
            options.environment = Self.quick
            try await withSystem(options) { system in
                let data = try await system.command(
                    "sample-data", "--users", "200", "--items", "100", "--events", "4000", "--days", "20")
                try #require(data.status == .exited(0), "\(data.output)")
                try await body(system)
            }
        }

        private func awaitOver(_ run: String, _ system: FreshetSystem) async throws -> TrainingRun {
            try await eventually("run \(run) is over", seconds: 120) {
                try await system.stores.training.run(run)?.state?.isOver == true
            }
            return try #require(try await system.stores.training.run(run))
        }

        @Test func `at random moments loses no request`() async throws {
            var random = SeededRandom.ofThisRun()
            try await withShop { system in
                try await system.start(.loader)
                // Asked for while no trainer lives, by hand, and without a bell.
                _ = try await system.redisCLI("RPUSH", "training:pending", "manual id=by-hand")
                let trainers = [try await system.start(.trainer), try await system.start(.trainer)]
                #expect(try await awaitOver("by-hand", system).state == .succeeded)
                for round in 1...Self.rounds {
                    let run = try await system.stores.training.request(nil, by: "test", nowMs: Int64(round)).run
                    let percent = Int.random(in: 0...80, using: &random)
                    try await eventually("the run has come to \(percent) %", seconds: 60) {
                        let now = try await system.stores.training.run(run)
                        return now?.state?.isOver == true
                            || now.map { $0.state == .running && $0.percent >= percent } ?? false
                    }
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0: try await system.restartRedis()
                    case 1: try await trainers[round % 2].restart()
                    default:
                        for trainer in trainers { await trainer.kill() }
                        for trainer in trainers { try await trainer.start() }
                    }
                    let over = try await awaitOver(run, system)
                    #expect(over.state == .succeeded, "\(over.fields)")
                    let release = try #require(over.release)
                    try await eventually("\(release) is live") {
                        guard let active = try await system.stores.generations.active() else { return false }
                        return try await system.stores.generations.info(active)?.release == release
                    }
                }
            }
        }

        @Test func `a person asks, follows, looks and cancels`() async throws {
            try await withShop { system in
                let asked = try await system.command("train", "request")
                #expect(asked.status == .exited(0) && asked.output.contains("asked for run t"), "\(asked.output)")
                let joined = try await system.command("train", "request")
                #expect(joined.output.contains("joined run t"), "\(joined.output)")
                let waiting = try await system.command("train", "status")
                #expect(waiting.output.contains("pending") && waiting.output.contains("1 waiting"), "\(waiting.output)")
                let cancelled = try await system.command("train", "cancel")
                #expect(cancelled.output.contains("cancelled run t"), "\(cancelled.output)")
                let nothing = try await system.command("train", "cancel")
                #expect(nothing.status != .exited(0))

                let trainer = try await system.start(.trainer)
                let followed = try await system.command("train", "request", "--follow", withinMs: 120_000)
                #expect(followed.status == .exited(0) && followed.output.contains("succeeded"), "\(followed.output)")
                let status = try await system.command("train", "status", "--json")
                #expect(status.output.contains("\"metrics\"") && status.output.contains("\"cancelled\""))
                let table = try await system.command("train", "status")
                #expect(table.output.contains("succeeded") && table.output.contains("offline "), "\(table.output)")

                // In the middle of a run; it ends at once, and so does the trainer when it is asked to.
                let run = try await system.stores.training.request(nil, by: "test", nowMs: 1).run
                try await eventually("the run is in hand") {
                    try await system.stores.training.run(run)?.state == .running
                }
                let stopped = try await system.command("train", "cancel", run)
                #expect(stopped.status == .exited(0), "\(stopped.output)")
                #expect(try await awaitOver(run, system).state == .cancelled)
                let last = try await system.stores.training.request(nil, by: "test", nowMs: 2).run
                try await eventually("the last run is in hand") {
                    try await system.stores.training.run(last)?.state == .running
                }
                #expect(await trainer.terminate() == .exited(0))
                #expect(try await system.stores.training.run(last)?.state == .interrupted)
            }
        }
    }
}
