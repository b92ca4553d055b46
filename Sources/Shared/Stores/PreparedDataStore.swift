// Prepared data below infer_data/: a folder for each preparation, and one manifest that says which of them counts. It is
// written last, so a crash leaves the last good state, and whoever reads it finds the files that it names.

import FoundationEssentials
package import Models
package import ObjectStore

/// Reads and writes prepared data.
package struct PreparedDataStore: Sendable {
    /// The largest manifest or report that is read, in bytes.
    private static let documentBytesMax = 64 << 20
    private static let reportName = "report.json"
    private let objects: any ObjectStore

    package init(objects: any ObjectStore) { self.objects = objects }

    /// The manifest of the preparation that counts; nil if there is none that this build can read, since data can
    /// always be prepared again.
    package func manifest() async throws -> PreparedDataManifest? {
        do {
            let bytes = try await objects.getWhole(ObjectNames.preparedManifest, bytesMax: Self.documentBytesMax)
            let manifest = try? JSONDecoder().decode(PreparedDataManifest.self, from: Data(bytes))
            guard let manifest, manifest.format == PreparedDataManifest.format else { return nil }
            let isWhole = PreparedFile.allCases.allSatisfy { manifest.file($0)?.name == $0.name }
            return isWhole && ReleaseName.accepts(manifest.preparation) ? manifest : nil
        } catch let error as ObjectStoreError where error.kind == .notFound || error.kind == .tooLarge {
            return nil
        } catch { throw StoreError.mapped(error) }
    }

    /// Streams a file, decompressed, to `consume`, and verifies size and checksum behind the last chunk.
    package func read(
        _ file: PreparedFile, of manifest: PreparedDataManifest, _ consume: ([UInt8]) async throws -> Void
    ) async throws {
        try await StoreError.mapping {
            let key = ObjectNames.preparedFile(manifest.preparation, file.name)
            let (bytes, sha256) = try await objects.readDigested(key, consume)
            guard let promised = manifest.file(file), bytes == promised.bytes, sha256 == promised.sha256 else {
                throw StoreError(.corrupted, "\(key) is not what its manifest promises; prepare the data again")
            }
        }
    }

    /// The report of a preparation.
    package func report(of manifest: PreparedDataManifest) async throws -> [UInt8] {
        try await StoreError.mapping {
            try await objects.getWhole(
                ObjectNames.preparedFile(manifest.preparation, Self.reportName), bytesMax: Self.documentBytesMax)
        }
    }

    /// Writes a file of a preparation; what the manifest must say about it.
    package func write(
        _ file: PreparedFile, of preparation: String, _ fill: (ReleaseFileWriter) async throws -> Void
    ) async throws -> ReleaseFile {
        try await StoreError.mapping {
            let upload = try await objects.beginUpload(ObjectNames.preparedFile(preparation, file.name))
            let writer = ReleaseFileWriter(name: file.name, upload: upload)
            do {
                try await fill(writer)
                return try await writer.finish()
            } catch {
                await upload.abort()
                throw error
            }
        }
    }

    /// Writes the report of a preparation.
    package func write(report: [UInt8], of preparation: String) async throws {
        try await StoreError.mapping {
            _ = try await objects.put(ObjectNames.preparedFile(preparation, Self.reportName), bytes: report)
        }
    }

    /// Writes the manifest, which makes its preparation the one that counts.
    package func publish(_ manifest: PreparedDataManifest) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let bytes = Array(try encoder.encode(manifest))
        try await StoreError.mapping { _ = try await objects.put(ObjectNames.preparedManifest, bytes: bytes) }
    }

    /// Removes the files of preparations that are older than `preparation`, whole or not, except `kept`, which somebody
    /// may be reading.
    package func removeOlder(than preparation: String, except kept: String?) async throws {
        try await StoreError.mapping {
            let files = try await objects.listWhole(prefix: ObjectNames.preparedData, countMax: 10_000)
            for file in files {
                let parts = file.key.dropFirst(ObjectNames.preparedData.count).split(separator: "/")
                guard parts.count == 2, parts[0] < preparation, kept.map({ parts[0] != $0 }) ?? true else { continue }
                try await objects.delete(file.key)
            }
        }
    }
}
