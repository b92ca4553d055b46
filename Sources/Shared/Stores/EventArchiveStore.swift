// Events as they were kept when the stream let go of them, below events/: NDJSON, one file after the other.

package import ObjectStore

/// Reads the event archive.
package struct EventArchiveStore: Sendable {
    /// The most files that are listed; at one an hour, eleven years.
    private static let filesMax = 100_000
    private let objects: any ObjectStore

    package init(objects: any ObjectStore) { self.objects = objects }

    /// All files, by name.
    package func files() async throws -> [SourceFile] {
        try await StoreError.mapping {
            try await objects.listWhole(prefix: ObjectNames.eventArchive, countMax: Self.filesMax).map {
                SourceFile($0, below: ObjectNames.eventArchive)
            }
        }
    }

    /// Streams a file's lines to `consume`, decompressed if its name ends in `.gz`; the SHA-256 of its stored bytes, in
    /// lower-case hex.
    package func read(_ name: String, _ consume: ([UInt8]) async throws -> Void) async throws -> String {
        try await StoreError.mapping {
            try await objects.readDigested(ObjectNames.archivedFile(name), consume).sha256
        }
    }
}
