// Is the object store there, may we write, and does its clock agree with ours? A small object says all three.

package import ObjectStore

/// What writing an object showed.
package struct ObjectProbe: Sendable {
    /// How far the object store's clock is ahead of ours, in milliseconds; about a second is its resolution.
    package let clockAheadMs: Int64
    /// How long writing took, in milliseconds.
    package let writeMs: Int64

    /// Writes a small object, looks at its time, and removes it.
    /// - Throws: ``StoreError``.
    package static func run(
        _ objects: any ObjectStore, token: String, nowMs: @Sendable () -> Int64
    ) async throws -> ObjectProbe {
        try await StoreError.mapping {
            let key = ObjectNames.scratch("doctor-\(token)")
            let startedMs = nowMs()
            try await objects.put(key, bytes: Array("written by freshet doctor, removed at once\n".utf8))
            let endedMs = nowMs()
            let modifiedMs = try await objects.head(key).modifiedAtMs
            try await objects.delete(key)
            // What lies between start and end, to the second, is no difference.
            let aheadMs = modifiedMs > endedMs ? modifiedMs - endedMs : min(0, modifiedMs + 1000 - startedMs)
            return ObjectProbe(clockAheadMs: aheadMs, writeMs: endedMs - startedMs)
        }
    }
}
