// The CSV files as they come, below source_data/.

package import ObjectStore

/// A file of source data.
package struct SourceFile: Sendable, Hashable {
    /// Its name, without the folder.
    package let name: String
    /// Its size as stored, in bytes.
    package let bytes: Int
    /// Changes whenever the content does; comparable only within one object store.
    package let etag: String

    package init(name: String, bytes: Int, etag: String) {
        self.name = name
        self.bytes = bytes
        self.etag = etag
    }

    /// The file of an object below `folder`.
    init(_ object: ObjectInfo, below folder: String) {
        self.init(name: String(object.key.dropFirst(folder.count)), bytes: object.size, etag: object.etag)
    }
}

/// Reads and writes source data.
package struct SourceDataStore: Sendable {
    private let objects: any ObjectStore

    package init(objects: any ObjectStore) { self.objects = objects }

    /// All files, by name.
    package func files() async throws -> [SourceFile] {
        try await StoreError.mapping {
            try await objects.listWhole(prefix: ObjectNames.sourceData, countMax: 10_000).map {
                SourceFile($0, below: ObjectNames.sourceData)
            }
        }
    }

    /// The text of a file, decompressed if its name ends in `.gz`.
    package func text(_ name: String) async throws -> ByteChunks {
        try await StoreError.mapping {
            let body = try await objects.get(ObjectNames.sourceFile(name))
            return name.hasSuffix(".gz") ? ByteChunks(body.gunzipped()) : ByteChunks(body)
        }
    }

    /// Streams a file's text to `consume`, decompressed if its name ends in `.gz`; the SHA-256 of its stored bytes, in
    /// lower-case hex.
    package func read(_ name: String, _ consume: ([UInt8]) async throws -> Void) async throws -> String {
        try await StoreError.mapping {
            try await objects.readDigested(ObjectNames.sourceFile(name), consume).sha256
        }
    }

    /// Writes a file from chunks; it appears whole or not at all.
    package func write(_ name: String, chunks: some Sequence<[UInt8]>) async throws {
        try await StoreError.mapping {
            _ = try await objects.put(ObjectNames.sourceFile(name)) { upload in
                for chunk in chunks {
                    try Task.checkCancellation()
                    try await upload.write(chunk)
                }
            }
        }
    }
}
