// A release whose lists are written and which does not exist yet, since its manifest is not in its place: it waits below
// data/ for the word to publish it.

import FoundationEssentials
package import Models
package import ObjectStore

/// Keeps manifests of releases that are not published.
package struct ReleaseDrafts: Sendable {
    private static let manifestBytesMax = 1 << 20
    private let objects: any ObjectStore

    package init(objects: any ObjectStore) { self.objects = objects }

    /// Keeps a draft; one that is there already gives way, and its lists are removed unless it was published.
    package func save(_ manifest: ReleaseManifest) async throws {
        let earlier = try await newest()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let bytes = Array(try encoder.encode(manifest))
        try await StoreError.mapping { _ = try await objects.put(ObjectNames.releaseDraft, bytes: bytes) }
        if let earlier, earlier.release != manifest.release { try? await removeLists(of: earlier.release) }
    }

    /// The draft that waits; nil if none does.
    package func newest() async throws -> ReleaseManifest? {
        do {
            let bytes = try await objects.getWhole(ObjectNames.releaseDraft, bytesMax: Self.manifestBytesMax)
            let manifest = try? JSONDecoder().decode(ReleaseManifest.self, from: Data(bytes))
            return manifest.flatMap { $0.format == ReleaseManifest.format ? $0 : nil }
        } catch let error as ObjectStoreError where error.kind == .notFound { return nil } catch {
            throw StoreError.mapped(error)
        }
    }

    /// Forgets the draft of a release, which was published.
    package func remove(_ release: String) async throws {
        guard try await newest()?.release == release else { return }
        try await StoreError.mapping { try await objects.delete(ObjectNames.releaseDraft) }
    }

    private func removeLists(of release: String) async throws {
        let files = try await objects.listWhole(prefix: ObjectNames.release(release), countMax: 100)
        guard !files.contains(where: { $0.key == ObjectNames.manifest(release) }) else { return }
        for file in files { try await objects.delete(file.key) }
    }
}
