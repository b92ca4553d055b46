// The CSV files as they come, below source_data/.

package import ObjectStore

/// A file of source data.
package struct SourceFile: Sendable, Hashable {
    /// Its name, without the folder.
    package let name: String
    /// Its size as stored, in bytes.
    package let bytes: Int

    package init(name: String, bytes: Int) {
        self.name = name
        self.bytes = bytes
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
                SourceFile(name: String($0.key.dropFirst(ObjectNames.sourceData.count)), bytes: $0.size)
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
