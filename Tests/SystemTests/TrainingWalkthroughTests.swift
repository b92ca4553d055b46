// From a shop's log to a promoted model, as an operator types it; docs/training-walkthrough.md shows the same. An autonomous run
// goes live; a manual one makes lists with the model in use and leaves a candidate; a person promotes it, and the next run uses it.

import Fixtures
import FoundationEssentials
import Models
import Stores
import TestServers
import Testing
import WebClient

extension WholeSystem {
    @Suite(.timeLimit(.minutes(4))) struct `From the first lists to a promoted model` {
        @Test func `by the commands of an operator`() async throws {
            // A day with another log may change much, and no release is to wait for a person here.
            let margins = ["GATE_COVERAGE_MIN": "0", "GATE_METRIC_LOSS_MAX": "1", "GATE_USERS_LOST_MAX": "1"]
            try await withSystem(SystemOptions(environment: margins)) { system in
                for role in [FreshetProcess.Role.loader, .trainer, .features] { try await system.start(role) }
                let gateway = try await system.start(.gateway)
                _ = try await type(system, "sample-data --users 200 --items 100 --events 4000 --days 20")

                // 1. The autonomous run: a model in use, and its lists live.
                let first = try await run("autonomous", system, gateway)
                let inUse = try #require(first.parameters["model"])
                #expect(try names(in: "model", system).contains(inUse))
                #expect(try names(in: "model_retrained", system).isEmpty)

                // 2. The shop goes on: another log, and the manual run over it.
                _ = try await type(
                    system, "sample-data --users 200 --items 100 --events 4500 --days 21 --seed 2 --force")
                let second = try await run("manual", system, gateway)
                #expect(second.release != first.release)
                #expect(second.parameters["model"] == inUse, "lists are made with the model in use")
                #expect(second.parameters["preparation"] != first.parameters["preparation"], "of the new log")
                let candidate = try #require(try names(in: "model_retrained", system).first { $0 != "manifest.json" })
                #expect(candidate != inUse)
                let models = try await type(system, "model list")
                #expect(models.contains("in use") && models.contains("waits"), "\(models)")

                // 3. Both on the same held-out time, with a verdict; then a person's word, with who and when.
                let comparison = try await type(system, "model compare")
                for words in [
                    "held out:", "in use:  \(inUse)", "waiting: \(candidate)", "ndcg", "recall", "difference",
                ] {
                    #expect(comparison.contains(words), "\(words) is not in\n\(comparison)")
                }
                let verdict = try #require(comparison.split(separator: "\n").last)
                #expect(verdict.contains("difference") || verdict.contains("better"), "\(verdict)")
                let promotion = try await type(system, "model promote")
                #expect(promotion.contains("model \(candidate) is in use"), "\(promotion)")
                // Nothing that is live changes by it.
                #expect(try await liveRelease(system) == second.release)
                #expect(try names(in: "model", system).contains(candidate))

                // 4. The next run uses it.
                let third = try await run("manual", system, gateway)
                #expect(third.parameters["model"] == candidate)

                // 5. And back, of both.
                _ = try await type(system, "rollback --wait")
                #expect(try await liveRelease(system) == second.release)
                let back = try await type(system, "model rollback")
                #expect(back.contains(inUse), "\(back)")
                #expect(try await run("manual", system, gateway).parameters["model"] == inUse)
                let status = try await type(system, "train status")
                #expect(status.split(separator: "\n").count { $0.contains("succeeded") } == 4, "\(status)")
            }
        }

        /// Types a command, which must do its work; what it printed.
        private func type(_ system: FreshetSystem, _ line: String) async throws -> String {
            let result = try await system.command(
                line.split(separator: " ").map(String.init), withinMs: 120_000)
            try #require(result.status == .exited(0), "freshet \(line): \(result.output)")
            return result.output
        }

        /// Asks for a run and follows it; the release that came of it, which is served.
        private func run(
            _ mode: String, _ system: FreshetSystem, _ gateway: FreshetProcess
        ) async throws -> ReleaseManifest {
            let followed = try await type(system, "train request --mode \(mode) --follow")
            #expect(followed.contains("succeeded, release r"), "\(followed)")
            let release = try #require(try await system.releases.names().last)
            #expect(followed.contains(release), "\(followed)")
            try await eventually("\(release) is live") { try await liveRelease(system) == release }
            try await gateway.awaitReady()
            let truth = try await ReleaseTruth(release, from: system.releases)
            let user = try #require(truth.users.first)
            try await eventually("it is served") {
                let answer = try await HTTP.get(gateway.port, "/v1/recommendations/\(user)?k=10&explain=true")
                let read = try answer.decode(ExplainedAnswer.self)
                guard try await system.stores.generations.info(read.generation)?.release == release else {
                    return false
                }
                #expect(truth.faults(in: read, for: user).isEmpty)
                return true
            }
            return try await system.releases.manifest(of: release)
        }

        private func liveRelease(_ system: FreshetSystem) async throws -> String? {
            guard let active = try await system.stores.generations.active() else { return nil }
            return try await system.stores.generations.info(active)?.release
        }

        /// What stands in a folder of the object store; nothing if there is no such folder.
        private func names(in folder: String, _ system: FreshetSystem) throws -> [String] {
            let path = system.folder.appending("objects/\(folder)")
            guard FileManager.default.fileExists(atPath: path) else { return [] }
            return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        }
    }
}
