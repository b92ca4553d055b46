// Whole runs in both modes over a real store: what is published, which model it is made with, and what the next run finds
// when one dies in between.

import Learning
import Models
import ObjectStore
import SampleData
import Stores
import Synchronization
import Testing
import Trainer

@Suite(.timeLimit(.minutes(3)))
struct TrainingPipelineTests {
    private static func withSample<Value>(_ body: (Shop) async throws -> Value) async throws -> Value {
        let sample = SampleData(try SampleDataParameters(users: 200, items: 80, events: 4_000, days: 40))
        return try await withShop { shop in
            try await shop.put(sample)
            return try await body(shop)
        }
    }

    /// Other settings, so that a run trains another model.
    private static var changed: TrainingParameters {
        var parameters = Shop.quick
        parameters.ranker.boosting.depthMax = 3
        return parameters
    }

    @Test func `the first run trains whatever the mode, and judges what it trained`() async throws {
        try await Self.withSample { shop in
            let outcome = try await shop.pipeline().run(mode: .manual, nowMs: Shop.nowMs, producer: "test")
            #expect(outcome.retrained == nil)
            #expect(outcome.release.parameters["model"] == outcome.model.model)
            #expect(outcome.model.promotedBy == "test")
            #expect(outcome.model.previous == nil)
            #expect(try await shop.training.models.manifest(in: .retrained) == nil)
            #expect(try await shop.training.drafts.newest() == nil)
            let ndcg = try #require(outcome.model.metrics["final.new.ndcg"])
            #expect(outcome.release.metrics["model.final.new.ndcg"] == ndcg)
            let paper = try await EvaluationPaper(of: outcome.model, in: .inUse, from: shop.training.models)
            let text = try #require(paper).lines.joined(separator: "\n")
            #expect(text.contains("new items only"))
            #expect(text.contains("recently_touched"))
            let picture = try await shop.training.models.read(.picture, of: outcome.model, in: .inUse)
            let svg = String(decoding: try #require(picture), as: UTF8.self)
            #expect(svg.hasPrefix("<svg"))
        }
    }

    @Test func `a manual run keeps the model in use and leaves another to be promoted`() async throws {
        try await Self.withSample { shop in
            let first = try await shop.pipeline().run(mode: .manual, nowMs: Shop.nowMs, producer: "test")
            let pipeline = shop.pipeline(Self.changed)
            let published = Mutex<[String]>([])
            let second = try await pipeline.run(
                mode: .manual, nowMs: Shop.nowMs + 1_000, producer: "test",
                published: { release in
                    let waiting = try await shop.training.models.manifest(in: .retrained)
                    #expect(waiting == nil)
                    published.withLock { $0.append(release.release) }
                })
            #expect(published.withLock { $0 } == [second.release.release])
            #expect(second.model == first.model)
            let retrained = try #require(second.retrained)
            #expect(retrained.model != first.model.model)
            #expect(try await shop.training.models.manifest(in: .inUse) == first.model)

            let promoted = try await shop.training.models.promote(author: "ann", nowMs: Shop.nowMs + 2_000)
            #expect(promoted.model == retrained.model)
            #expect(promoted.previous == first.model.model)
            #expect(promoted.promotedBy == "ann")
            #expect(promoted.promotedAtMs == Shop.nowMs + 2_000)
            let third = try await pipeline.run(mode: .manual, nowMs: Shop.nowMs + 3_000, producer: "test")
            #expect(third.release.parameters["model"] == retrained.model)
            await #expect(throws: StoreError.self) {
                _ = try await shop.training.models.promote(author: "ann", nowMs: Shop.nowMs)
            }

            let restored = try await shop.training.models.rollBack(author: "bob", nowMs: Shop.nowMs + 4_000)
            #expect(restored.model == first.model.model)
            #expect(try await TrainedModel.read(from: shop.training.models, .inUse)?.ranker != nil)
            await #expect(throws: StoreError.self) {
                _ = try await shop.training.models.rollBack(author: "bob", nowMs: Shop.nowMs)
            }
        }
    }

    @Test func `an autonomous run uses what it trains`() async throws {
        try await Self.withSample { shop in
            let first = try await shop.pipeline().run(mode: .autonomous, nowMs: Shop.nowMs, producer: "test")
            let second = try await shop.pipeline(Self.changed).run(
                mode: .autonomous, nowMs: Shop.nowMs + 1_000, producer: "test")
            #expect(second.model.model != first.model.model)
            #expect(second.model.previous == first.model.model)
            #expect(second.release.parameters["model"] == second.model.model)
            #expect(second.release.parameters["ranker.depth_max"] == "3")
            #expect(try await shop.training.models.manifest(in: .retrained) == nil)
            #expect(try await shop.releases.names().count == 2)
        }
    }

    @Test func `what was trained from the same data in the same way is not trained again`() async throws {
        try await Self.withSample { shop in
            let prepared = try await shop.prepare()
            let training = RetrainModels(models: shop.training.models, parameters: Shop.quick)
            let first = try await training.run(prepared, into: .retrained, nowMs: Shop.nowMs)
            #expect(!first.isReused)
            let second = try await training.run(prepared, into: .retrained, nowMs: Shop.nowMs + 1_000)
            #expect(second.isReused)
            #expect(second.manifest == first.manifest)
            let forced = try await training.run(prepared, into: .retrained, nowMs: Shop.nowMs + 1_000, isForced: true)
            #expect(!forced.isReused)
            let files = try await shop.objects.listWhole(prefix: "model_retrained/", countMax: 100).map(\.key)
            #expect(files.allSatisfy { $0.contains(forced.manifest.model) || $0 == "model_retrained/manifest.json" })
        }
    }

    @Test func `a search keeps what it found with the model`() async throws {
        try await Self.withSample { shop in
            var parameters = Shop.quick
            parameters.search.trials = 2
            let outcome = try await shop.pipeline(parameters).run(mode: .manual, nowMs: Shop.nowMs, producer: "test")
            let model = try #require(try await TrainedModel.read(from: shop.training.models, .inUse))
            #expect(model.manifest == outcome.model)
            for stage in ["autoencoder", "factors", "similar"] {
                let before = try #require(outcome.model.metrics["search.\(stage).before"])
                let after = try #require(outcome.model.metrics["search.\(stage).after"])
                #expect(after >= before)
            }
        }
    }

    @Test func `two models are compared on the same held-out time`() async throws {
        try await Self.withSample { shop in
            let pipeline = shop.pipeline()
            _ = try await pipeline.run(mode: .manual, nowMs: Shop.nowMs, producer: "test")
            _ = try await shop.pipeline(Self.changed).run(mode: .manual, nowMs: Shop.nowMs + 1_000, producer: "test")
            let current = try #require(try await TrainedModel.read(from: shop.training.models, .inUse))
            let candidate = try #require(try await TrainedModel.read(from: shop.training.models, .retrained))
            let paper = try await ComparingModels(parameters: Shop.quick).run(
                current: current, candidate: candidate, try await shop.prepare())
            #expect(paper.lines.joined(separator: "\n").contains(current.manifest.model))
            #expect(try paper.json.contains("\"verdict\""))
        }
    }

    @Test func `a model of another build or a damaged one is refused with what to do`() async throws {
        try await Self.withSample { shop in
            let outcome = try await shop.pipeline().run(mode: .manual, nowMs: Shop.nowMs, producer: "test")
            let trees = "model/\(outcome.model.model)/ranker.ubj"
            let whole = try await shop.objects.getWhole(trees, bytesMax: 1 << 26)
            try await shop.objects.put(trees, bytes: Array(whole.dropLast()))
            let error = await #expect(throws: StoreError.self) {
                _ = try await TrainedModel.read(from: shop.training.models, .inUse)
            }
            #expect(error?.message.contains("train or promote a model again") == true)
            try await shop.objects.put("model/manifest.json", bytes: Array("{}".utf8))
            await #expect(throws: StoreError.self) { _ = try await shop.training.models.manifest(in: .inUse) }
        }
    }

    @Test func `a draft waits until it is published, and gives way to the next one`() async throws {
        try await Self.withSample { shop in
            _ = try await shop.run()
            let publishing = PublishRelease(releases: shop.releases, drafts: shop.training.drafts)
            await #expect(throws: TrainerError.self) { _ = try await publishing.run() }
            let prepared = try await shop.prepare()
            let model = try #require(try await TrainedModel.read(from: shop.training.models, .inUse))
            let calculating = CalculateRecommendations(
                releases: shop.releases, drafts: shop.training.drafts, parameters: Shop.quick)
            let first = try await calculating.run(prepared, model: model, nowMs: Shop.nowMs + 1_000, producer: "test")
            let second = try await calculating.run(prepared, model: model, nowMs: Shop.nowMs + 2_000, producer: "test")
            #expect(first.files == second.files)
            #expect(try await shop.releases.names().count == 1)
            let left = try await shop.objects.listWhole(prefix: "recommendations/\(first.release)/", countMax: 10)
            #expect(left.isEmpty)
            #expect(try await publishing.run() == second)
            #expect(try await shop.releases.names().last == second.release)
        }
    }
}
