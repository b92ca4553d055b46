// Events as they were kept when the stream let go of them, below events/: NDJSON, one file after the other.

package import Models
package import ObjectStore

/// Reads and writes the event archive.
package struct EventArchiveStore: Sendable {
    /// The most files that are listed; at four an hour, twenty-eight years of one stream.
    private static let filesMax = 1_000_000
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

    /// The file that an entry lies in, as far as names tell; the one that reaches furthest if there are several.
    package func file(spanning id: StreamID, partition: Int) async throws -> ArchivedFile? {
        let start = ArchivedFile.namesStart(partition: partition, dayOf: id)
        let listed = try await StoreError.mapping {
            try await objects.listWhole(prefix: ObjectNames.archivedFile(start), countMax: Self.filesMax)
        }
        var found: ArchivedFile?
        for object in listed {
            let name = String(object.key.dropFirst(ObjectNames.eventArchive.count))
            guard let file = ArchivedFile(name: name), file.partition == partition, file.spans(id) else { continue }
            if found.map({ $0.last < file.last }) ?? true { found = file }
        }
        return found
    }

    /// Whether the archive has a file.
    package func contains(_ file: ArchivedFile) async throws -> Bool {
        try await StoreError.mapping { try await objects.exists(ObjectNames.archivedFile(file.name)) }
    }

    /// Writes a file; it appears whole or not at all.
    package func write(_ bytes: [UInt8], as file: ArchivedFile) async throws {
        try await StoreError.mapping { _ = try await objects.put(ObjectNames.archivedFile(file.name), bytes: bytes) }
    }
}

/// Text of an archive file on its way into memory, compressed as it comes; used by one task.
package final class ArchiveText {
    private var gzip: Gzip?
    private var bytes: [UInt8] = []
    /// Bytes of text so far, uncompressed.
    package private(set) var textBytes = 0

    package init() { gzip = Gzip() }

    /// Appends lines.
    package func append(_ text: [UInt8]) {
        textBytes += text.count
        if let ready = gzip?.compress(text) { bytes += ready }
    }

    /// The file's bytes: the same text gives the same, however it came in pieces.
    package func finish() -> [UInt8] {
        if let rest = gzip.take()?.finish() { bytes += rest }
        return bytes
    }
}
