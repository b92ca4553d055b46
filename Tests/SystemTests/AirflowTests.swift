// The DAG of deploy/airflow in a real Airflow, as its own Redis user, with a real trainer, loader and gateway; and what it
// is made of, piece by piece, which is quicker than a DAG run.

import Fixtures
import FoundationEssentials
import Models
import Redis
import Stores
import TestServers
import Testing

extension WholeSystem {
    @Suite(.serialized, .timeLimit(.minutes(10))) struct `With Airflow` {
        private static let quick = ["TRAINER_POLL_MS": "100", "LOADER_POLL_MS": "100", "TRAINING_SCHEDULE": "off"]

        private func withAirflow(_ body: (FreshetSystem, AirflowHome) async throws -> Void) async throws {
            try await withSystem(try RoleUsers.options()) { system in
                try await body(system, AirflowHome(folder: system.folder, redisURL: RoleUsers.url("airflow", system)))
                #expect(try await RoleUsers.refusals(system).isEmpty)
            }
        }

        private func start(
            _ role: FreshetProcess.Role, _ system: FreshetSystem, _ environment: [String: String] = [:]
        ) async throws -> FreshetProcess {
            let url = ["REDIS_URL": RoleUsers.url(role.rawValue, system)]
            return try await system.start(role, url.merging(Self.quick) { $1 }.merging(environment) { $1 })
        }

        private func writeShop(_ system: FreshetSystem) async throws {
            let data = try await system.command(
                "sample-data", "--users", "150", "--items", "80", "--events", "3000", "--days", "20")
            try #require(data.status == .exited(0), "\(data.output)")
        }

        /// The release that is live.
        private func live(_ system: FreshetSystem) async throws -> String? {
            guard let active = try await system.stores.generations.active() else { return nil }
            return try await system.stores.generations.info(active)?.release
        }

        @Test func `a run of the DAG is a run of the trainer, to its end or to its reason`() async throws {
            try await withAirflow { system, airflow in
                try await writeShop(system)
                try await airflow.migrate()
                // Functions are in Redis once the first role has started, or somebody has called one.
                _ = try await system.stores.training.cancel("none", nowMs: 1)
                let alone = try await airflow.test(#"{"silence_seconds": 1}"#)
                #expect(alone.status != .exited(0) && alone.output.contains("is `freshet trainer` running?"))
                #expect(alone.output.contains("cancelled") && !alone.output.contains("UP_FOR_RETRY"))
                #expect(try await system.stores.training.queue().waiting == 0)

                for role in [FreshetProcess.Role.trainer, .loader, .gateway] { _ = try await start(role, system) }
                let first = try await airflow.test("{}", ["AUTONOMOUS_MODE": "on"])
                try #require(first.status == .exited(0), "\(first.output)")
                let parts = ["prepare_data", "retrain_models", "calc_recommendations", "reload_data"]
                #expect(Self.order(first.output) == parts)
                for line in ["% learn", "% candidates", "1/1 instances on generation 1, release "] {
                    #expect(first.output.contains(line), "\(line)")
                }
                let release = try await live(system)
                #expect(release != nil && !first.output.contains(RoleUsers.password("airflow")))
                var runs = try await system.stores.training.latest(countMax: 9)
                #expect(runs.map(\.state) == [.succeeded, .cancelled] && runs[0].mode == "autonomous")

                // The reason stands in the task's log; what is made good is then asked for anew, by another name.
                let data = system.folder.appending("objects/source_data")
                try FileManager.default.moveItem(atPath: data, toPath: data + ".away")
                let failed = try await airflow.test("{}")
                runs = try await system.stores.training.latest(countMax: 9)
                let reason = try #require(runs.first?.error)
                #expect(failed.status != .exited(0) && failed.output.contains("AirflowFailException: run airflow-"))
                #expect(failed.output.contains("failed: \(reason)"), "\(reason)")
                try FileManager.default.moveItem(atPath: data + ".away", toPath: data)
                let second = try await airflow.test("{}", ["AUTONOMOUS_MODE": "off"])
                try #require(second.status == .exited(0), "\(second.output)")
                #expect(Self.order(second.output).prefix(2) == ["prepare_data", "calc_recommendations"])
                #expect(Set(Self.order(second.output)) == Set(parts))
                #expect(second.output.contains("a new model waits for a person"))
                runs = try await system.stores.training.latest(countMax: 9)
                #expect(runs.map(\.state) == [.succeeded, .failed, .succeeded, .cancelled])
                #expect(runs[0].mode == "manual" && Set(runs.map(\.id)).count == 4)
                #expect(try await live(system) == runs[0].release)
            }
        }

        /// The tasks in the order in which they ended.
        private static func order(_ log: String) -> [String] {
            log.matches(of: /end task task_id=([a-z_]+)/).map { String($0.1) }
        }

        @Test func `whoever repeats a request is told the same, whatever became of it`() async throws {
            try await withAirflow { system, airflow in
                let ask = "print(training.request('a', 'manual'), training.request('b', 'manual'))"
                let told = "Ticket(run='a', is_joined=False) Ticket(run='a', is_joined=True)"
                let early = try await airflow.python("training.request('a', 'manual')")
                #expect(early.output.contains("none has ever been started with this Redis"), "\(early.output)")
                _ = try await system.stores.training.cancel("none", nowMs: 1)
                for _ in 1...2 {
                    let asked = try await airflow.python(ask)
                    #expect(asked.output.contains(told), "\(asked.output)")
                }
                #expect(try await system.stores.training.queue().waiting == 1)
                // There is nothing to train on, which is an end too.
                _ = try await start(.trainer, system)
                try await eventually("the run is over") {
                    try await system.stores.training.run("a")?.state?.isOver == true
                }
                let after = try await airflow.python(ask)
                #expect(after.output.contains(told), "\(after.output)")
                let run = try #require(try await system.stores.training.run("a"))
                #expect(run.state == .failed && run.attempt == 1)
                #expect(try await system.stores.training.queue().waiting == 0)
                let names = try await airflow.python(
                    """
                    names = [run_name("manual__2026-01-01T00:00:00+00:00", n) for n in (1, 2)] + [run_name("ä b=/" * 99)]
                    print(len(set(names)), all(re.fullmatch(r"[A-Za-z0-9_.-]{1,120}", name) for name in names))
                    """.replacing("re.fullmatch", with: "__import__('re').fullmatch"))
                #expect(names.output.contains("3 True"), "\(names.output)")
            }
        }

        @Test func `a run whose trainer dies is followed on, as long as another takes it over`() async throws {
            try await withAirflow { system, airflow in
                try await writeShop(system)
                let trainer = try await start(.trainer, system)
                #expect(try await airflow.python("training.request('a', 'manual')").status == .exited(0))
                try await eventually("the run is in hand") {
                    try await system.stores.training.run("a")?.steps.isEmpty == false
                }
                await trainer.kill()
                // What a quarter of a minute would do.
                _ = try await system.stores.client.send(DEL("training:lease"))
                let orphan = try await airflow.python("training.follow('a', CALC_RECOMMENDATIONS)")
                #expect(orphan.output.contains("is gone, and no trainer takes run a over"), "\(orphan.output)")
                try await trainer.start()
                let followed = try await airflow.python("print(training.follow('a', CALC_RECOMMENDATIONS).release)")
                #expect(followed.status == .exited(0) && followed.output.contains("attempt 2, "), "\(followed.output)")
                #expect(try await system.stores.training.run("a")?.release.map(followed.output.contains) == true)
                // A person ends it.
                #expect(try await airflow.python("training.request('b', 'manual')").status == .exited(0))
                _ = try await airflow.python("training.cancel('b')")
                let ended = try await airflow.python("training.follow('b', RETRAIN_MODELS)")
                #expect(ended.output.contains("run b cancelled"), "\(ended.output)")
            }
        }

        @Test func `a release is followed to every instance, to a person, or to the reason why not`() async throws {
            try await withAirflow { system, airflow in
                func follow(_ release: String, seconds: Int = 60) async throws -> CommandResult {
                    try await airflow.python("print(ReleaseFollower(watch, '\(release)', \(seconds)).follow())")
                }
                func publish(_ tag: String) async throws {
                    try await ReleaseFixture.tagged(tag).publish(to: system.releases)
                    try await system.stores.releases.request("r-\(tag)")
                }
                try await publish("t1")
                let nobody = try await follow("r-t1")
                #expect(nobody.output.contains("is `freshet loader` running?"), "\(nobody.output)")
                _ = try await start(.loader, system, ["RELEASE_APPROVAL": "on"])
                _ = try await start(.gateway, system)
                let served = try await follow("r-t1")
                #expect(served.status == .exited(0), "\(served.output)")
                #expect(served.output.contains("1/1 instances on generation 1, release r-t1"), "\(served.output)")

                try await publish("t2")
                let waiting = try await follow("r-t2")
                #expect(waiting.output.contains("release r-t2 waits for a person"), "\(waiting.output)")
                let approve = try await system.command(
                    "release", "approve", "--wait", environment: ["REDIS_URL": RoleUsers.url("operator", system)])
                #expect(approve.status == .exited(0), "\(approve.output)")
                #expect(try await follow("r-t2").status == .exited(0))

                try await system.stores.releases.request("r-none")
                let refused = try await follow("r-none")
                #expect(refused.output.contains("release r-none was refused"), "\(refused.output)")
                let overtaken = try await follow("r-t1")
                #expect(overtaken.output.contains("release r-none was asked for after release r-t1"))

                // An instance that gives signs of life, and no more, is named.
                try await system.stores.instances.beat("gateway@elsewhere:1", nowMs: 4_000_000_000_000)
                try await ReleaseFixture.tagged("t3").publish(to: system.releases)
                try await system.load("r-t3", token: ReleaseRequests.ungatedToken)
                let late = try await follow("r-t3", seconds: 0)
                #expect(late.output.contains("instances on generation 3, release r-t3; late: "), "\(late.output)")
                #expect(late.output.contains("gave up after 0 s") && late.output.contains("gateway@elsewhere:1"))
                try await system.stores.instances.leave("gateway@elsewhere:1")
                let again = try await follow("r-t3")
                #expect(again.status == .exited(0), "\(again.output)")
            }
        }
    }
}
