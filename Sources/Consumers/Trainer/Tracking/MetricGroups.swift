// Names of figures as MLflow shows them.

/// How MLflow's page groups figures: by what stands before a slash. What people look at first stands in no group, and
/// so above the others.
enum MetricGroups {
    private static let first = "final.new."
    private static let single = ["search.ndcg"]
    private static let groups = ["ranker.gain.", "ranker.", "release.", "seconds.", "search.", "evaluation."]
    /// Of `<lists>.<targets>.<metric>` the first two make the group.
    private static let targets = [".new.", ".all."]

    /// The name in MLflow of a figure of ours.
    static func name(_ name: String) -> String {
        if name.hasPrefix(first) || single.contains(name) { return name }
        if let group = groups.first(where: { name.hasPrefix($0) }) {
            return "\(group.dropLast())/\(name.dropFirst(group.count))"
        }
        for part in targets {
            guard let range = name.firstRange(of: part) else { continue }
            return "\(name[..<range.lowerBound])\(part.dropLast())/\(name[range.upperBound...])"
        }
        return name
    }
}
