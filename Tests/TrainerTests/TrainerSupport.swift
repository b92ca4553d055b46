// A store in a directory of its own, filled with source data, and releases read back row by row.

import FoundationEssentials
import Learning
import Models
import ObjectStore
import SampleData
import Stores
import Trainer

/// A shop's stores for the length of a test.
struct Shop {
    static let nowMs: Int64 = 1_780_000_000_000

    let objects: DirectoryObjectStore
    let source: SourceDataStore
    let releases: ReleaseStore
    let prepared: PreparedDataStore
    let training: TrainingStores

    /// Parameters that train in a moment.
    static var quick: TrainingParameters {
        var parameters = TrainingParameters()
        parameters.ranker.candidatesMax = 30
        parameters.ranker.factorization.factors = 8
        parameters.ranker.factorization.iterations = 5
        parameters.ranker.periods = 2
        parameters.ranker.boosting.rounds = 15
        parameters.ranker.boosting.childWeightMin = 5
        parameters.ranker.hitsMin = 20
        parameters.evaluation.resamples = 50
        return parameters
    }

    init(path: String) throws {
        objects = try DirectoryObjectStore(path: path)
        source = SourceDataStore(objects: objects)
        releases = ReleaseStore(objects: objects)
        prepared = PreparedDataStore(objects: objects)
        training = TrainingStores(objects: objects)
    }

    func put(_ name: String, _ text: String) async throws { try await source.write(name, chunks: [Array(text.utf8)]) }

    func put(_ sample: SampleData, withEvents: Bool = true) async throws {
        if withEvents { try await source.write("events.csv", chunks: sample.events()) }
        for part in 1...SampleProperties.parts {
            try await source.write("item_properties_part\(part).csv", chunks: sample.itemProperties(part: part))
        }
        try await source.write("category_tree.csv", chunks: [sample.categoryTree()])
    }

    func pipeline(_ parameters: TrainingParameters = quick) -> TrainingPipeline {
        TrainingPipeline(stores: training, parameters: parameters)
    }

    /// A whole run; the release that came of it.
    func run(
        nowMs: Int64 = nowMs, mode: TrainingMode = .manual, parameters: TrainingParameters = quick,
        progress: @escaping @Sendable (TrainingProgress) -> Void = { _ in }
    ) async throws -> ReleaseManifest {
        try await pipeline(parameters).run(mode: mode, nowMs: nowMs, producer: "test", progress: progress).release
    }

    func prepare(
        nowMs: Int64 = nowMs, parameters: PreparationParameters = PreparationParameters(), isForced: Bool = false,
        progress: @escaping @Sendable (TrainingProgress) -> Void = { _ in }
    ) async throws -> PreparedData {
        let archive = EventArchiveStore(objects: objects)
        return try await PrepareData(source: source, archive: archive, prepared: prepared, parameters: parameters)
            .run(nowMs: nowMs, isForced: isForced, progress: progress)
    }

    /// Writes a file of the archive.
    func archive(_ name: String, _ text: String) async throws {
        try await objects.put(
            "events/\(name)", bytes: name.hasSuffix(".gz") ? Gzip.compress(Array(text.utf8)) : Array(text.utf8))
    }

    /// The names of everything that was prepared.
    func preparedNames() async throws -> [String] {
        try await objects.listWhole(prefix: "infer_data/", countMax: 100).map(\.key)
    }

    /// The lines of a prepared file.
    func lines(_ file: PreparedFile, of prepared: PreparedData) async throws -> [String] {
        var bytes: [UInt8] = []
        try await self.prepared.read(file, of: prepared.manifest) { bytes += $0 }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// The rows of a release's file below its header, in fields; size and checksum are verified on the way.
    func rows(_ list: ReleaseList, of manifest: ReleaseManifest) async throws -> (header: String, rows: [[String]]) {
        guard let file = manifest.file(list) else { return ("", []) }
        var bytes: [UInt8] = []
        try await releases.read(file, of: manifest.release) { bytes += $0 }
        var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        let header = lines.isEmpty ? "" : lines.removeFirst()
        return (header, lines.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) })
    }
}

/// Runs `body` with an empty shop, which is removed afterwards.
func withShop<Value>(_ body: (Shop) async throws -> Value) async throws -> Value {
    let path = "\(FileManager.default.temporaryDirectory.path)/freshet-trainer-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(try Shop(path: path))
}
