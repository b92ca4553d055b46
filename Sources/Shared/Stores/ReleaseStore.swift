// Releases in the object store. A release's manifest is written last; a folder without one is not a release.

import FoundationEssentials
package import Models
package import ObjectStore

/// Lists, reads and writes releases.
package struct ReleaseStore: Sendable {
    /// The largest manifest that is read, in bytes.
    private static let manifestBytesMax = 1_048_576
    private let objects: any ObjectStore

    package init(objects: any ObjectStore) { self.objects = objects }

    /// Names of all releases that have a manifest, oldest name first.
    package func names() async throws -> [String] {
        try await StoreError.mapping {
            var names: [String] = []
            for try await page in objects.list(prefix: ObjectNames.releases) {
                for object in page {
                    let parts = object.key.dropFirst(ObjectNames.releases.count).split(separator: "/")
                    guard parts.count == 2, object.key == ObjectNames.manifest(String(parts[0])) else { continue }
                    names.append(String(parts[0]))
                }
            }
            return names.sorted()
        }
    }

    /// A release's manifest, checked for form.
    package func manifest(of release: String) async throws -> ReleaseManifest {
        guard ReleaseName.accepts(release) else {
            throw StoreError(.refused, "\"\(release)\" cannot be a release: 1 to 64 bytes of A-Z a-z 0-9 _ . -")
        }
        let bytes: [UInt8]
        do {
            bytes = try await objects.getWhole(ObjectNames.manifest(release), bytesMax: Self.manifestBytesMax)
        } catch let error as ObjectStoreError where error.kind == .notFound {
            throw StoreError(.notFound, "release \(release) has no manifest.json; it is unfinished or misspelt")
        } catch { throw StoreError.mapped(error) }
        let manifest: ReleaseManifest
        do { manifest = try JSONDecoder().decode(ReleaseManifest.self, from: Data(bytes)) } catch {
            throw StoreError(.corrupted, "the manifest of release \(release) is not of the expected form: \(error)")
        }
        try Self.check(manifest, named: release)
        return manifest
    }

    private static func check(_ manifest: ReleaseManifest, named release: String) throws(StoreError) {
        guard manifest.format == ReleaseManifest.format else {
            throw StoreError(
                .refused, "release \(release) has layout \(manifest.format); this build reads \(ReleaseManifest.format)"
            )
        }
        guard manifest.release == release else {
            throw StoreError(.corrupted, "the manifest of release \(release) calls itself \(manifest.release)")
        }
        for list in ReleaseList.allCases {
            guard let file = manifest.file(list) else {
                throw StoreError(.corrupted, "the manifest of release \(release) names no file for \(list.rawValue)")
            }
            guard ReleaseName.accepts(file.name), file.rows >= 0, file.lists >= 0, file.bytes >= 0 else {
                throw StoreError(.corrupted, "the manifest of release \(release) describes \(list.rawValue) impossibly")
            }
        }
    }

    /// Streams a file of a release, decompressed, to `consume`, and verifies size and checksum behind the last chunk.
    package func read(
        _ file: ReleaseFile, of release: String, _ consume: ([UInt8]) async throws -> Void
    ) async throws {
        try await StoreError.mapping {
            let (bytes, sha256): (Int, String)
            do {
                (bytes, sha256) = try await objects.readDigested(ObjectNames.releaseFile(release, file.name), consume)
            } catch let error as GzipError {
                throw StoreError(.corrupted, "\(file.name) of release \(release): \(error)")
            }
            guard bytes == file.bytes, sha256 == file.sha256 else {
                throw StoreError(
                    .corrupted,
                    "\(file.name) of release \(release) is not what its manifest promises: \(bytes) of \(file.bytes) bytes, "
                        + "SHA-256 \(sha256) instead of \(file.sha256); publish the release again")
            }
        }
    }

    /// Writes a file of a release, compressed if its name ends in `.gz`; what the manifest must say about it.
    package func write(
        _ name: String, of release: String, _ fill: (ReleaseFileWriter) async throws -> Void
    ) async throws -> ReleaseFile {
        try await StoreError.mapping {
            let upload = try await objects.beginUpload(ObjectNames.releaseFile(release, name))
            let writer = ReleaseFileWriter(name: name, upload: upload)
            do {
                try await fill(writer)
                return try await writer.finish()
            } catch {
                await upload.abort()
                throw error
            }
        }
    }

    /// Writes the manifest, which makes the release exist.
    package func publish(_ manifest: ReleaseManifest) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let bytes = Array(try encoder.encode(manifest))
        try await StoreError.mapping { _ = try await objects.put(ObjectNames.manifest(manifest.release), bytes: bytes) }
    }
}
