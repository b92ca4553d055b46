// What is counted about an object store, by name. Whoever exposes it knows these names and says what they mean.

import CoreMetrics

/// The meters of one store.
package struct ObjectStoreMeters: Sendable {
    /// Calls and how long they took, by `operation` and `outcome`.
    package static let calls = "freshet_object_call_seconds"
    /// Bytes, by `direction`.
    package static let bytes = "freshet_object_bytes_total"

    /// What can be asked of a store.
    enum Operation: String, CaseIterable {
        case get, put, head, list, delete, copy
        case upload = "begin_upload"
        case finishUpload = "finish_upload"
    }

    let bytesRead: Counter
    let bytesWritten: Counter
    private let succeeded: [Operation: Timer]
    private let failed: [Operation: Timer]

    init(_ metrics: any MetricsFactory) {
        func timers(_ outcome: String) -> [Operation: Timer] {
            Dictionary(
                uniqueKeysWithValues: Operation.allCases.map { operation in
                    (
                        operation,
                        Timer(
                            label: Self.calls,
                            dimensions: [("operation", operation.rawValue), ("outcome", outcome)], factory: metrics)
                    )
                })
        }
        succeeded = timers("ok")
        failed = timers("failed")
        bytesRead = Counter(label: Self.bytes, dimensions: [("direction", "read")], factory: metrics)
        bytesWritten = Counter(label: Self.bytes, dimensions: [("direction", "written")], factory: metrics)
    }

    /// Runs `body` and counts it. An object that is not there is an answer, not a failure.
    func timing<Value>(_ operation: Operation, _ body: () async throws -> Value) async throws -> Value {
        let started = ContinuousClock.now
        do {
            let value = try await body()
            record(succeeded[operation], since: started)
            return value
        } catch {
            let isAnswer = (error as? ObjectStoreError)?.kind == .notFound || error is CancellationError
            record(isAnswer ? succeeded[operation] : failed[operation], since: started)
            throw error
        }
    }

    /// A listing was begun.
    func noteListing() { succeeded[.list]?.recordNanoseconds(0) }

    private func record(_ timer: Timer?, since started: ContinuousClock.Instant) {
        let elapsed = (ContinuousClock.now - started).components
        timer?.recordNanoseconds(elapsed.seconds * 1_000_000_000 + elapsed.attoseconds / 1_000_000_000)
    }
}
