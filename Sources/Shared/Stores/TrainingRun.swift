// What is known of a training run: the hash `training:run:<id>`, as text that people can read in Redis as well.

/// How much a training run may do without a person.
package enum TrainingMode: String, Sendable, CaseIterable, Codable {
    /// Lists come from the model in use; a new model is trained afterwards and waits for a person's word.
    case manual
    /// A new model is trained and used at once.
    case autonomous
}

/// A training run, waiting, in hand or over.
package struct TrainingRun: Sendable, Hashable {
    /// Where a run is.
    package enum State: String, Sendable, CaseIterable {
        /// Waits for a trainer.
        case pending
        /// A trainer has it in hand, or died with it.
        case running
        /// A trainer stopped in order while it had it in hand; the next one takes it up.
        case interrupted
        case succeeded
        case failed
        case cancelled

        /// Whether nothing will change any more.
        package var isOver: Bool { self == .succeeded || self == .failed || self == .cancelled }
    }

    /// Its name.
    package let id: String
    /// All fields of its hash.
    package let fields: [String: String]

    package init(id: String, fields: [String: String]) {
        self.id = id
        self.fields = fields
    }

    /// Where it is; nil for a word of a later build.
    package var state: State? { fields["state"].flatMap(State.init) }
    /// `manual`, `autonomous`, or empty as long as the trainer has not decided.
    package var mode: String { fields["mode"] ?? "" }
    /// Who asked.
    package var by: String { fields["by"] ?? "" }
    /// What is being done, or was last.
    package var step: String { fields["step"] ?? "" }
    /// How much of the whole is done, 0...100.
    package var percent: Int { number("percent").map(Int.init) ?? 0 }
    /// What exactly is being done, in words.
    package var detail: String { fields["detail"] ?? "" }
    /// Why it failed.
    package var error: String? { text("error") }
    /// The release that came of it.
    package var release: String? { text("release") }
    /// How often a trainer has begun it.
    package var attempt: Int { number("attempt").map(Int.init) ?? 0 }
    /// When it was asked for, Unix ms.
    package var requestedAtMs: Int64? { number("requested_at_ms") }
    /// When a trainer began it first, Unix ms.
    package var startedAtMs: Int64? { number("started_at_ms") }
    /// When it was over, Unix ms.
    package var finishedAtMs: Int64? { number("finished_at_ms") }

    /// The steps of the latest attempt with their durations in milliseconds.
    package var steps: [(name: String, durationMs: Int64)] {
        (fields["steps"] ?? "").split(separator: " ").compactMap { word in
            let parts = word.split(separator: "=")
            guard parts.count == 2, let durationMs = Int64(parts[1]) else { return nil }
            return (String(parts[0]), durationMs)
        }
    }

    /// Figures of what came of it, by name.
    package var metrics: [String: Double] {
        var metrics: [String: Double] = [:]
        for (field, value) in fields where field.hasPrefix(Self.metricPrefix) {
            metrics[String(field.dropFirst(Self.metricPrefix.count))] = Double(value)
        }
        return metrics
    }

    static let metricPrefix = "metric."

    private func text(_ name: String) -> String? { fields[name].flatMap { $0.isEmpty ? nil : $0 } }
    private func number(_ name: String) -> Int64? { fields[name].flatMap { Int64($0) } }
}
