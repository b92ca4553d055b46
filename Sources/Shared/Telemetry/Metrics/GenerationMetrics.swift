// The live generation as an instance knows it, told alike by every role that follows the pointer.

/// What roles expose about generations.
package enum GenerationMetrics {
    private static let generation = MetricDefinition.gauge(
        "freshet_generation", "Number of the generation that this instance works with.")
    private static let age = MetricDefinition.gauge(
        "freshet_generation_age_seconds", "How long ago that generation was loaded.")
    private static let instances = MetricDefinition.gauge(
        "freshet_instances", "Instances that follow the live generation and give signs of life.")
    private static let acknowledged = MetricDefinition.gauge(
        "freshet_instances_on_live_generation", "Those of them that have acknowledged the live generation.")

    /// An instance's own generation; one whose time of loading is not known has no age.
    package static func samples(generation number: Int, loadedAtMs: Int64?, nowMs: Int64) -> [MetricSample] {
        var samples = [MetricSample(generation, number)]
        if let loadedAtMs { samples.append(MetricSample(age, Double(max(0, nowMs - loadedAtMs)) / 1000)) }
        return samples
    }

    /// How far a switch has come.
    package static func samples(instances alive: Int, acknowledged count: Int) -> [MetricSample] {
        [MetricSample(instances, alive), MetricSample(acknowledged, count)]
    }
}
