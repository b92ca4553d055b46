// Models in the object store: a folder each, below the slot, and one manifest that says which of them the slot holds. That
// manifest is written last and in one piece, so whatever dies in between leaves the model that was there.

import FoundationEssentials
package import ObjectStore

/// Keeps, reads and promotes models.
package struct ModelStore: Sendable {
    /// The largest file of a model that is read, in bytes: trees of a thousand rounds take some megabytes.
    private static let fileBytesMax = 256 << 20
    /// Models that came before the one in use and are kept for going back.
    package static let previousMax = 5

    let objects: any ObjectStore

    package init(objects: any ObjectStore) { self.objects = objects }

    /// The model that a slot holds; nil if it holds none.
    /// - Throws: `StoreError` if there is one that this build cannot read.
    package func manifest(in slot: ModelSlot) async throws -> ModelManifest? {
        try await readManifest(ObjectNames.modelManifest(slot))
    }

    /// The models below a slot that are whole, the oldest first: the one it holds, and those before it.
    package func all(in slot: ModelSlot) async throws -> [ModelManifest] {
        let keys = try await StoreError.mapping {
            try await objects.listWhole(prefix: ObjectNames.models(slot), countMax: 10_000).map(\.key)
        }
        var manifests: [ModelManifest] = []
        for key in keys {
            let parts = key.dropFirst(ObjectNames.models(slot).count).split(separator: "/")
            guard parts.count == 2, key == ObjectNames.modelManifest(String(parts[0]), slot) else { continue }
            if let manifest = try await readManifest(key) { manifests.append(manifest) }
        }
        return manifests.sorted { $0.model < $1.model }
    }

    /// A model's file, verified; nil if the model has none of the kind.
    package func read(_ file: ModelFile, of manifest: ModelManifest, in slot: ModelSlot) async throws -> [UInt8]? {
        guard let promised = manifest.file(file) else { return nil }
        return try await StoreError.mapping {
            let key = ObjectNames.modelFile(manifest.model, file.rawValue, slot)
            let bytes = try await objects.getWhole(key, bytesMax: Self.fileBytesMax)
            guard bytes.count == promised.bytes, SHA256Hasher.hex(of: bytes) == promised.sha256 else {
                throw StoreError(.corrupted, "\(key) is not what its manifest promises; train or promote a model again")
            }
            return bytes
        }
    }

    /// Keeps a model and makes it the one that the slot holds.
    /// - Parameters:
    ///   - author: By whose word it comes into use; only for the slot in use.
    @discardableResult
    package func keep(
        _ content: ModelContent, in slot: ModelSlot, author: String? = nil, nowMs: Int64
    ) async throws -> ModelManifest {
        var infos: [String: ModelFileInfo] = [:]
        for (file, bytes) in content.files.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            try await put(ObjectNames.modelFile(content.model, file.rawValue, slot), bytes)
            infos[file.rawValue] = ModelFileInfo(bytes: bytes.count, sha256: SHA256Hasher.hex(of: bytes))
        }
        let manifest = ModelManifest(
            format: ModelManifest.format, model: content.model, createdAtMs: content.createdAtMs,
            trainedThroughMs: content.trainedThroughMs, preparation: content.preparation, origin: content.origin,
            parameters: content.parameters, metrics: content.metrics, files: infos)
        return try await install(manifest, in: slot, author: author, nowMs: nowMs)
    }

    /// Brings the retrained model into use. Its files are copied first, so a crash leaves the model that was in use.
    /// - Throws: `StoreError` `.notFound` if there is no retrained model, `.refused` if it is in use already.
    package func promote(author: String, nowMs: Int64) async throws -> ModelManifest {
        guard let candidate = try await manifest(in: .retrained) else {
            throw StoreError(.notFound, "there is no retrained model; `freshet train retrain-models` makes one")
        }
        if let current = try await manifest(in: .inUse), current.model == candidate.model {
            throw StoreError(.refused, "model \(candidate.model) is in use already")
        }
        for file in ModelFile.allCases {
            guard let bytes = try await read(file, of: candidate, in: .retrained) else { continue }
            try await put(ObjectNames.modelFile(candidate.model, file.rawValue, .inUse), bytes)
        }
        return try await install(candidate, in: .inUse, author: author, nowMs: nowMs)
    }

    /// Goes back to the model that was in use before.
    /// - Throws: `StoreError` `.notFound` if there was none, or it has been removed.
    package func rollBack(author: String, nowMs: Int64) async throws -> ModelManifest {
        guard let current = try await manifest(in: .inUse) else {
            throw StoreError(.notFound, "there is no model in use; `freshet train run` makes one")
        }
        guard let previous = current.previous else {
            throw StoreError(.notFound, "model \(current.model) is the first; there is none to go back to")
        }
        guard let manifest = try await readManifest(ObjectNames.modelManifest(previous, .inUse)) else {
            throw StoreError(.notFound, "model \(previous), the one before, has been removed")
        }
        var restored = manifest
        restored.promotedAtMs = nowMs
        restored.promotedBy = author
        // What was before it stays what it was: going back twice goes back further.
        try await put(ObjectNames.modelManifest(restored.model, .inUse), try Self.json(restored))
        try await put(ObjectNames.modelManifest(.inUse), try Self.json(restored))
        return restored
    }

    private func install(
        _ manifest: ModelManifest, in slot: ModelSlot, author: String?, nowMs: Int64
    ) async throws -> ModelManifest {
        var manifest = manifest
        if slot == .inUse {
            let current = try await self.manifest(in: .inUse)
            manifest.promotedAtMs = nowMs
            manifest.promotedBy = author
            manifest.previous = current?.model == manifest.model ? current?.previous : current?.model
        }
        try await put(ObjectNames.modelManifest(manifest.model, slot), try Self.json(manifest))
        try await put(ObjectNames.modelManifest(slot), try Self.json(manifest))
        // Behind this point everything is done; what is left over is the next one's business.
        try? await removeOld(in: slot, keeping: manifest)
        return manifest
    }

    /// Removes folders that nobody can go back to.
    private func removeOld(in slot: ModelSlot, keeping manifest: ModelManifest) async throws {
        var kept: Set<String> = [manifest.model]
        if slot == .inUse {
            var next = manifest.previous
            for _ in 0..<Self.previousMax {
                guard let name = next, kept.insert(name).inserted else { break }
                next = try await readManifest(ObjectNames.modelManifest(name, slot))?.previous
            }
        }
        let objects = try await self.objects.listWhole(prefix: ObjectNames.models(slot), countMax: 10_000)
        for object in objects {
            let parts = object.key.dropFirst(ObjectNames.models(slot).count).split(separator: "/")
            guard parts.count == 2, !kept.contains(String(parts[0])), parts[0] < manifest.model else { continue }
            try await self.objects.delete(object.key)
        }
    }

    private func put(_ key: String, _ bytes: [UInt8]) async throws {
        try await StoreError.mapping { _ = try await objects.put(key, bytes: bytes) }
    }

    private func readManifest(_ key: String) async throws -> ModelManifest? {
        let bytes: [UInt8]
        do { bytes = try await objects.getWhole(key, bytesMax: 1 << 20) } catch let error as ObjectStoreError
            where error.kind == .notFound
        { return nil } catch { throw StoreError.mapped(error) }
        let manifest: ModelManifest
        do { manifest = try JSONDecoder().decode(ModelManifest.self, from: Data(bytes)) } catch {
            throw StoreError(.corrupted, "\(key) is not of the expected form: \(error)")
        }
        guard manifest.format == ModelManifest.format else {
            throw StoreError(
                .refused, "\(key) has layout \(manifest.format); this build reads \(ModelManifest.format); retrain")
        }
        return manifest
    }

    private static func json(_ manifest: ModelManifest) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return Array(try encoder.encode(manifest))
    }
}
