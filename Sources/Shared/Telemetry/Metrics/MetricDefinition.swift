// What a metric is called, what it means and how it is measured, said once for all of its series. swift-metrics knows names
// and dimensions only, so the rest stands here.

/// One metric.
package struct MetricDefinition: Sendable, Equatable {
    /// How values come together.
    package enum Kind: Sendable, Equatable {
        /// A count that only grows.
        case counter
        /// A value that goes up and down.
        case gauge
        /// A distribution, counted into buckets.
        case histogram(HistogramScale)
    }

    /// The name as it is exposed; a counter's ends in `_total`.
    package let name: String
    /// One sentence for people.
    package let help: String
    /// How values come together.
    package let kind: Kind

    /// A counter; `name` ends in `_total`, which both text formats want.
    package static func counter(_ name: String, _ help: String) -> MetricDefinition {
        precondition(name.hasSuffix("_total"), "a counter's name ends in _total")
        return MetricDefinition(name: name, help: help, kind: .counter)
    }

    /// A gauge.
    package static func gauge(_ name: String, _ help: String) -> MetricDefinition {
        MetricDefinition(name: name, help: help, kind: .gauge)
    }

    /// A histogram.
    package static func histogram(_ name: String, _ help: String, _ scale: HistogramScale) -> MetricDefinition {
        MetricDefinition(name: name, help: help, kind: .histogram(scale))
    }

    /// The name without a counter's suffix, which is what OpenMetrics calls the family.
    var familyName: String { kind == .counter ? String(name.dropLast("_total".count)) : name }

    /// The unit that the name ends in, as OpenMetrics wants it said.
    var unit: String? {
        guard kind != .counter || familyName != name else { return nil }
        return ["seconds", "bytes", "celsius", "ratio"].first { familyName.hasSuffix("_\($0)") }
    }
}

/// A histogram's buckets, and the whole units in which values are added up. Whole numbers make the sum exact, and adding
/// to it one instruction, where floating point would need a loop.
package struct HistogramScale: Sendable, Equatable {
    /// Upper bounds, rising, the bound itself included; a last bucket without bound is added.
    package let bounds: [Double]
    /// Units in 1.
    let unitsPerOne: Double

    /// Buckets of seconds, added up in nanoseconds; what a timer is counted into.
    package static func seconds(_ bounds: [Double]) -> HistogramScale {
        HistogramScale(bounds: bounds, unitsPerOne: 1e9)
    }

    /// Buckets of shares or other small numbers, added up in millionths.
    package static func numbers(_ bounds: [Double]) -> HistogramScale {
        HistogramScale(bounds: bounds, unitsPerOne: 1e6)
    }

    /// From a quarter of a millisecond to ten seconds: what a request may take.
    package static let requestSeconds = seconds([
        0.000_25, 0.000_5, 0.001, 0.002, 0.003, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ])

    /// From a millisecond to minutes: how long an event may take to show.
    package static let freshnessSeconds = seconds([
        0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600,
    ])

    /// From a second to hours: what work in the background may take.
    package static let jobSeconds = seconds([0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400])
}
