// A store that counts what goes through another: calls, how long they took, bytes. What it counts with comes from
// swift-metrics, so it does not know who reads the figures.

package import CoreMetrics

/// Measures a store. It stands in front of S3 and of a folder alike.
package struct MeasuredObjectStore: ObjectStore {
    private let store: any ObjectStore
    private let meters: ObjectStoreMeters

    /// Counts calls to `store` with what `metrics` makes.
    package init(_ store: any ObjectStore, metrics: any MetricsFactory) {
        self.store = store
        meters = ObjectStoreMeters(metrics)
    }

    package var summary: String { store.summary }

    package func get(_ key: String, range: Range<Int>?) async throws -> ObjectBody {
        let body = try await meters.timing(.get) { try await store.get(key, range: range) }
        return body.noting { [bytesRead = meters.bytesRead] in bytesRead.increment(by: $0) }
    }

    package func put(_ key: String, bytes: [UInt8]) async throws -> ObjectInfo {
        let info = try await meters.timing(.put) { try await store.put(key, bytes: bytes) }
        meters.bytesWritten.increment(by: bytes.count)
        return info
    }

    package func beginUpload(_ key: String) async throws -> any ObjectUpload {
        MeasuredUpload(try await meters.timing(.upload) { try await store.beginUpload(key) }, meters)
    }

    package func head(_ key: String) async throws -> ObjectInfo {
        try await meters.timing(.head) { try await store.head(key) }
    }

    /// Pages are not timed: they come as the caller asks for them.
    package func list(prefix: String, pageSize: Int) -> ObjectPages {
        meters.noteListing()
        return store.list(prefix: prefix, pageSize: pageSize)
    }

    package func delete(_ key: String) async throws {
        try await meters.timing(.delete) { try await store.delete(key) }
    }

    package func copy(_ source: String, to destination: String) async throws -> ObjectInfo {
        try await meters.timing(.copy) { try await store.copy(source, to: destination) }
    }

    package func close() async { await store.close() }
}

/// An upload that counts its bytes once they are visible.
private final class MeasuredUpload: ObjectUpload {
    private let upload: any ObjectUpload
    private let meters: ObjectStoreMeters
    private var byteCount = 0

    init(_ upload: any ObjectUpload, _ meters: ObjectStoreMeters) {
        self.upload = upload
        self.meters = meters
    }

    func write(_ bytes: [UInt8]) async throws {
        try await upload.write(bytes)
        byteCount += bytes.count
    }

    func finish() async throws -> ObjectInfo {
        let info = try await meters.timing(.finishUpload) { try await upload.finish() }
        meters.bytesWritten.increment(by: byteCount)
        return info
    }

    func abort() async { await upload.abort() }
}
