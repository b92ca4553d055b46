// Errors by kind, the same kinds for every role, so that one panel and one alert see them all.

/// The kinds of error that are told apart.
package enum ErrorKind: String, Sendable, CaseIterable {
    /// A defect: a request or a step failed in a way that nobody foresaw.
    case inside
    /// Redis or the object store could not be reached, or a request was answered 503 for want of it.
    case unavailable
    /// Redis's memory or a disk is full.
    case full
    /// Credentials, permissions or configuration are wrong.
    case refused
    /// Something that should be there is not.
    case notFound = "not_found"
    /// Data is not what its checksum or its form promise.
    case corrupted
    /// The present state did not allow what was tried.
    case conflict
    /// A release was refused.
    case release
    /// A training run failed.
    case training
}

/// An error that knows its kind.
package protocol KindOfError: Error {
    /// What it counts as.
    var errorKind: ErrorKind { get }
}

/// Counts a role's errors.
package struct ErrorCounters: Sendable {
    static let definition = MetricDefinition.counter(
        "freshet_errors_total", "Errors by kind; what a client did wrong is not among them.")

    private let cells: [ErrorKind: CounterCell]

    /// The role's counters, the same ones every time.
    package init(_ metrics: MetricsRegistry) {
        cells = Dictionary(
            uniqueKeysWithValues: ErrorKind.allCases.map { kind in
                (kind, metrics.counter(Self.definition, ["kind": kind.rawValue]))
            })
    }

    /// Counts an error.
    package func count(_ kind: ErrorKind) { cells[kind]?.increment() }

    /// Counts what was thrown; a cancellation is no error.
    package func count(_ error: any Error) {
        if error is CancellationError { return }
        count((error as? any KindOfError)?.errorKind ?? .inside)
    }

    /// How many there were.
    package func total(_ kind: ErrorKind) -> Int { cells[kind]?.total ?? 0 }
}
