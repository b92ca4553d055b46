// Training runs that wait to be written down in MLflow: a folder for each in the object store, so that any process can send
// what another one left. The record is written last and removed first: a folder without one is not there.

package import ObjectStore

/// A file that goes with a record.
package enum TrackingFile: Sendable {
    case bytes([UInt8])
    /// A model's own file, copied within the store, since the model may be gone when the record is sent.
    case model(ModelFile, of: ModelManifest, in: ModelSlot)
}

/// Keeps records until they are sent.
package struct TrackingSpool: Sendable {
    /// How much may wait.
    package struct Limits: Sendable, Hashable {
        /// Records at most.
        package var recordsMax: Int
        /// Bytes at most, of records and files together.
        package var bytesMax: Int

        package init(recordsMax: Int, bytesMax: Int) {
            self.recordsMax = recordsMax
            self.bytesMax = bytesMax
        }
    }

    /// A record that is whole.
    package struct Entry: Sendable, Hashable {
        /// Its folder's name; sorts by time.
        package let name: String
        /// Its size with all files.
        package let bytes: Int
        /// Since when it waits, Unix ms.
        package let sinceMs: Int64
        /// Whether the server refused it for good; then it waits for a person.
        package let isRefused: Bool
    }

    private static let recordName = "record.json"
    private static let refusalName = "refused.json"
    private static let objectsMax = 100_000
    private static let recordBytesMax = 16 << 20
    private static let fileBytesMax = 256 << 20
    /// A folder that has no record after so long has no writer any more.
    private static let abandonedMs: Int64 = 24 * 3_600_000

    private let objects: any ObjectStore

    package init(objects: any ObjectStore) { self.objects = objects }

    /// Keeps a record with its files.
    /// - Parameters:
    ///   - run: the run's name; with the time it makes the folder's.
    ///   - files: by names without a slash.
    package func keep(
        _ record: [UInt8], of run: String, atMs: Int64, files: [(name: String, file: TrackingFile)]
    ) async throws {
        let time = String(max(0, atMs))
        let plain = String(run.prefix(100).map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
        let name = String(repeating: "0", count: max(0, 14 - time.count)) + "\(time)-\(plain)"
        try await StoreError.mapping {
            for (fileName, file) in files {
                let key = ObjectNames.tracked(name, fileName)
                switch file {
                case .bytes(let bytes): try await objects.put(key, bytes: bytes)
                case .model(let file, let manifest, let slot):
                    try await objects.copy(ObjectNames.modelFile(manifest.model, file.rawValue, slot), to: key)
                }
            }
            try await objects.put(ObjectNames.tracked(name, Self.recordName), bytes: record)
        }
    }

    /// Everything that waits, the oldest first.
    package func entries() async throws -> [Entry] { try await read().entries }

    /// A record as it was kept; nil if it is gone.
    package func record(of entry: Entry) async throws -> [UInt8]? {
        try await get(entry, Self.recordName, bytesMax: Self.recordBytesMax)
    }

    /// A file of a record; nil if it is gone.
    package func file(_ name: String, of entry: Entry) async throws -> [UInt8]? {
        try await get(entry, name, bytesMax: Self.fileBytesMax)
    }

    /// Why a record was refused, as ``refuse(_:reason:)`` was told; nil if it was not.
    package func refusal(of entry: Entry) async throws -> String? {
        try await get(entry, Self.refusalName, bytesMax: 1 << 20).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Puts a record aside: it stays, and nobody sends it until ``forgive(_:)``.
    package func refuse(_ entry: Entry, reason: String) async throws {
        try await StoreError.mapping {
            _ = try await objects.put(ObjectNames.tracked(entry.name, Self.refusalName), bytes: Array(reason.utf8))
        }
    }

    /// Lets a record that was put aside wait again.
    package func forgive(_ entry: Entry) async throws {
        try await StoreError.mapping { try await objects.delete(ObjectNames.tracked(entry.name, Self.refusalName)) }
    }

    /// Removes a record that was sent.
    package func remove(_ entry: Entry) async throws {
        try await StoreError.mapping {
            try await objects.delete(ObjectNames.tracked(entry.name, Self.recordName))
            try await removeFiles(entry.name)
        }
    }

    /// Removes what is too much: refused records first, then the oldest. Also what a writer that died left behind.
    /// - Returns: the records that were dropped.
    package func makeRoom(_ limits: Limits, nowMs: Int64) async throws -> [Entry] {
        let (entries, abandoned) = try await read(nowMs: nowMs)
        try await StoreError.mapping { for name in abandoned { try await removeFiles(name) } }
        var (count, bytes) = (entries.count, entries.reduce(0) { $0 + $1.bytes })
        var dropped: [Entry] = []
        for entry in entries.filter(\.isRefused) + entries.filter({ !$0.isRefused }) {
            guard count > limits.recordsMax || bytes > limits.bytesMax else { break }
            try await remove(entry)
            dropped.append(entry)
            count -= 1
            bytes -= entry.bytes
        }
        return dropped
    }

    private func read(nowMs: Int64 = 0) async throws -> (entries: [Entry], abandoned: [String]) {
        let found = try await StoreError.mapping {
            try await objects.listWhole(prefix: ObjectNames.tracking, countMax: Self.objectsMax)
        }
        let folders = Dictionary(grouping: found) { object in
            String(object.key.dropFirst(ObjectNames.tracking.count).prefix { $0 != "/" })
        }
        var (entries, abandoned): ([Entry], [String]) = ([], [])
        for (name, files) in folders.sorted(by: { $0.key < $1.key }) {
            let record = files.first { $0.key == ObjectNames.tracked(name, Self.recordName) }
            guard let record else {
                if files.allSatisfy({ nowMs - $0.modifiedAtMs > Self.abandonedMs }) { abandoned.append(name) }
                continue
            }
            entries.append(
                Entry(
                    name: name, bytes: files.reduce(0) { $0 + $1.size },
                    sinceMs: Int64(name.prefix { $0.isNumber }) ?? record.modifiedAtMs,
                    isRefused: files.contains { $0.key == ObjectNames.tracked(name, Self.refusalName) }))
        }
        return (entries, abandoned)
    }

    private func removeFiles(_ name: String) async throws {
        for file in try await objects.listWhole(prefix: ObjectNames.tracked(name, ""), countMax: Self.objectsMax) {
            try await objects.delete(file.key)
        }
    }

    private func get(_ entry: Entry, _ name: String, bytesMax: Int) async throws -> [UInt8]? {
        do { return try await objects.getWhole(ObjectNames.tracked(entry.name, name), bytesMax: bytesMax) } catch let
            error as ObjectStoreError where error.kind == .notFound
        { return nil } catch { throw StoreError.mapped(error) }
    }
}
