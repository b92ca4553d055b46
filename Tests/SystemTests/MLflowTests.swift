// Training runs as they come to stand in a real MLflow with PostgreSQL and S3: by the trainer and by hand, while it is away,
// and when whoever sends is killed at any point.

import Fixtures
import FoundationEssentials
import Models
import Redis
import Stores
import TestServers
import Testing

extension WholeSystem {
    @Suite(.serialized, .timeLimit(.minutes(10)), .mlflowServer) struct `With MLflow` {
        /// A shop with data, and an experiment and a registered model of its own behind a door.
        private func withShop(
            _ name: String, _ body: (FreshetSystem, MLflowServer, TrackingDoor) async throws -> Void
        ) async throws {
            let server = try #require(SuiteMLflow.current)
            let door = try TrackingDoor(to: server.port)
            defer { door.close() }
            var options = SystemOptions()
            options.environment = [
                "MLFLOW_TRACKING_URI": door.address, "MLFLOW_EXPERIMENT": name, "MLFLOW_MODEL": name,
                "MLFLOW_POLL_MS": "200", "TRAINER_POLL_MS": "100",
            ]
            try await withSystem(options) { system in
                let data = try await system.command(
                    "sample-data", "--users", "150", "--items", "80", "--events", "3000", "--days", "20")
                try #require(data.status == .exited(0), "\(data.output)")
                try await body(system, server, door)
            }
        }

        private func awaitOver(_ run: String, _ system: FreshetSystem) async throws -> TrainingRun {
            try await eventually("run \(run) is over", seconds: 180) {
                try await system.stores.training.run(run)?.state?.isOver == true
            }
            return try #require(try await system.stores.training.run(run))
        }

        private func awaitSent(_ system: FreshetSystem) async throws {
            try await eventually("nothing waits for MLflow", seconds: 60) {
                try await system.command("mlflow").output == "nothing waits"
            }
        }

        @Test func `runs of a trainer are there, whole, and the aliases follow promote and rollback`() async throws {
            try await withShop("whole") { system, server, _ in
                let trainer = try await system.start(.trainer, ["TRAINING_SEARCH_TRIALS": "2"])
                var models: [String] = []
                for number in 1...2 {
                    let run = try await system.stores.training.request(.manual, by: "test", nowMs: Int64(number)).run
                    let over = try await awaitOver(run, system)
                    #expect(over.state == .succeeded, "\(over.fields)")
                    try await awaitSent(system)
                    let view = try await MLflowView.read(server, "whole", in: system.folder)
                    let seen = try #require(view.runs.first { $0.name == run })
                    try check(seen, over, system)
                    models.append(try #require(seen.tags["model"]))
                    let version = try #require(view.versions.first { $0.run == seen.id })
                    #expect(version.source == "runs:/\(seen.id)/model" && version.model == models.last)
                    #expect(view.model("in_use") == models.first)
                    #expect(view.model("candidate") == (number == 1 ? nil : models.last))
                }
                let promoted = try await system.command("model", "promote", "--author", "ann")
                #expect(promoted.status == .exited(0) && promoted.output.contains("alias in_use is version 2"))
                var view = try await MLflowView.read(server, "whole", in: system.folder)
                #expect(view.model("in_use") == models[1] && view.aliases["candidate"] == nil)
                let back = try await system.command("model", "rollback", "--author", "ann")
                #expect(back.status == .exited(0), "\(back.output)")
                view = try await MLflowView.read(server, "whole", in: system.folder)
                #expect(view.model("in_use") == models[0] && view.runs.count == 2 && view.versions.count == 2)
                #expect((view.boosterRounds ?? 0) > 0, "XGBoost for Python loads the model in use")

                let page = try await MetricPage.scrape(trainer)
                #expect(page.sum("freshet_mlflow_records_total", #"outcome="sent""#) == 2)
                #expect(page.sum("freshet_mlflow_records_total", #"outcome="spooled""#) == 2)
                #expect(page.sum("freshet_mlflow_waiting_records") == 0)
                #expect(page.sum("freshet_mlflow_oldest_timestamp_seconds") == 0)
            }
        }

        /// Everything that a run shows, against what Freshet itself knows of it.
        private func check(_ seen: MLflowView.Run, _ over: TrainingRun, _ system: FreshetSystem) throws {
            #expect(seen.status == "FINISHED")
            #expect(seen.tags["mode"] == "manual" && seen.tags["release"] == over.release)
            #expect(seen.tags["producer"]?.hasPrefix("freshet trainer, trainer@") == true)
            #expect(seen.params["ranker.periods"] != nil && seen.params["search.trials"] == "2", "\(seen.params)")
            #expect(seen.curve.count >= 2)
            let ndcg = try #require(seen.metrics["final.new.ndcg"])
            let (low, high) = (seen.metrics["final.new.ndcg.low"], seen.metrics["final.new.ndcg.high"])
            #expect(low.map { $0 <= ndcg } == true && high.map { $0 >= ndcg } == true)
            for step in ["read", "search", "learn", "offline", "publish"] {
                #expect(seen.metrics["seconds/\(step)"] != nil, "\(step)")
            }
            for (name, value) in over.metrics { #expect(seen.metrics["release/\(name)"] == value, "\(name)") }

            let model = try #require(seen.tags["model"])
            let slot = seen.tags["model_of_lists"] == model ? "model" : "model_retrained"
            let folder = system.folder.appending("objects/\(slot)/\(model)")
            for (artifact, file) in [
                ("model/ranker.ubj", "ranker.ubj"), ("model/model.json", "model.json"),
                ("evaluation/evaluation.json", "evaluation.json"), ("evaluation/evaluation.svg", "evaluation.svg"),
            ] {
                let downloaded = try Data(contentsOf: URL(filePath: try #require(seen.artifacts[artifact])))
                let ours = try Data(contentsOf: URL(filePath: "\(folder)/\(file)"))
                #expect(downloaded == ours && !ours.isEmpty, "\(artifact)")
            }
            func text(_ artifact: String) throws -> String {
                try String(contentsOfFile: try #require(seen.artifacts[artifact], "\(artifact)"), encoding: .utf8)
            }
            #expect(try text("importance/importance.csv").hasPrefix("feature,gain,share\n"))
            #expect(try text("importance/importance.svg").hasPrefix("<svg"))
            let gains = try JSONDecoder().decode(
                [String: Double].self, from: Data(try text("importance/importance.json").utf8))
            for (feature, gain) in gains { #expect(seen.metrics["ranker.gain/\(feature)"] == gain, "\(feature)") }
            #expect(gains.count > 5)
            #expect(try text("release/manifest.json").contains(try #require(over.release)))
            #expect(try text("model/manifest.json").contains(model))
        }

        @Test func `while the server is away runs wait, and are sent when it is back`() async throws {
            try await withShop("away") { system, server, door in
                door.shut()
                let train = try await system.command("train", "run", "--no-reload", withinMs: 180_000)
                #expect(
                    train.status == .exited(0) && train.output.contains("MLflow: not now: no answer"), "\(train.output)"
                )
                let status = try await system.command("mlflow", "status")
                #expect(status.output.contains("1 waiting, 0 refused"), "\(status.output)")
                let doctor = try await system.command("doctor")
                #expect(doctor.output.contains("warn  mlflow.reach"), "\(doctor.output)")
                let send = try await system.command("mlflow", "send")
                #expect(send.status != .exited(0) && send.output.contains("no answer from http://"), "\(send.output)")

                let trainer = try await system.start(.trainer)
                try await eventually("the trainer has tried") {
                    (try await MetricPage.scrape(trainer).sum("freshet_mlflow_failures_total") ?? 0) >= 1
                }
                #expect(try await MetricPage.scrape(trainer).sum("freshet_mlflow_waiting_records") == 1)
                door.open()
                try await awaitSent(system)
                let view = try await MLflowView.read(server, "away", in: system.folder)
                #expect(view.runs.map(\.status) == ["FINISHED"] && view.versions.count == 1)
                #expect(view.runs.first?.tags["producer"]?.hasPrefix("freshet train run") == true)
                #expect(view.aliases["in_use"] == "1")
                let well = try await system.command("doctor")
                #expect(well.output.contains("ok    mlflow.reach"), "\(well.output)")
            }
        }

        @Test func `whoever sends may be killed after any answer, and nothing is there twice`() async throws {
            try await withShop("killed") { system, server, door in
                door.shut()
                let train = try await system.command("train", "run", "--no-reload", withinMs: 180_000)
                #expect(train.status == .exited(0), "\(train.output)")
                var kills = 0
                for answers in 0..<60 {
                    door.hold(afterAnswers: answers)
                    let child = try ChildProcess.spawn(
                        try FreshetExecutable.path(), ["mlflow", "send"], environment: system.environment,
                        workingDirectory: system.folder.path, logFile: system.folder.appending("send-\(answers).log"))
                    try await eventually("an answer is held, or all is sent", seconds: 60) {
                        door.isHolding || !child.isRunning
                    }
                    guard child.isRunning else {
                        #expect(child.exitStatus == .exited(0), "\(child.log())")
                        break
                    }
                    await child.kill()
                    kills += 1
                    // What a quarter of a minute would do.
                    _ = try await system.stores.client.send(DEL("mlflow:lease"))
                }
                #expect(kills > 10)
                door.open()
                let view = try await MLflowView.read(server, "killed", in: system.folder)
                #expect(view.runs.count == 1 && view.versions.count == 1, "\(view)")
                #expect(view.runs.first?.status == "FINISHED" && view.runs.first?.artifacts.count ?? 0 >= 9)
                #expect(view.aliases["in_use"] == "1")
                #expect(try await system.command("mlflow").output == "nothing waits")
            }
        }

        @Test func `runs that fail or are cancelled are there as such, with the reason`() async throws {
            try await withShop("ended") { system, server, _ in
                try await system.start(.trainer)
                let cancelled = try await system.stores.training.request(nil, by: "test", nowMs: 1).run
                try await eventually("the run is in hand") {
                    try await system.stores.training.run(cancelled)?.state == .running
                }
                _ = try await system.stores.training.cancel(cancelled, nowMs: 2)
                #expect(try await awaitOver(cancelled, system).state == .cancelled)
                try FileManager.default.removeItem(atPath: system.folder.appending("objects/source_data"))
                let failed = try await system.stores.training.request(nil, by: "test", nowMs: 3).run
                let error = try #require(try await awaitOver(failed, system).error)
                let byHand = try await system.command("train", "run", "--no-reload")
                #expect(byHand.status != .exited(0))
                try await awaitSent(system)
                let view = try await MLflowView.read(server, "ended", in: system.folder)
                #expect(view.runs.count == 3 && view.versions.isEmpty)
                #expect(view.runs.first { $0.name == cancelled }?.status == "KILLED")
                let seen = try #require(view.runs.first { $0.name == failed })
                #expect(seen.status == "FAILED" && seen.tags["error"] == error)
                #expect(seen.params["similar.items_max"] != nil && seen.metrics["seconds/run"] != nil)
                #expect(view.runs.count { $0.status == "FAILED" } == 2)
            }
        }
    }
}
