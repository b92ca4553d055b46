// Quantiles of what was counted into buckets, the way Prometheus's histogram_quantile does it.

extension HistogramScale {
    /// The value below which a share of the counted values lies, interpolated within its bucket; nil without values. What lies
    /// above the last bound is taken for the bound.
    /// - Parameter counts: values by bucket, the one without bound last, not added up.
    package func quantile(_ share: Double, of counts: [Int64]) -> Double? {
        let total = counts.reduce(0, +)
        guard total > 0, counts.count == bounds.count + 1 else { return nil }
        let rank = share * Double(total)
        var below = 0.0
        for (bucket, bound) in bounds.enumerated() {
            let count = Double(counts[bucket])
            if count > 0, below + count >= rank {
                let lower = bucket == 0 ? 0 : bounds[bucket - 1]
                return lower + (bound - lower) * max(rank - below, 0) / count
            }
            below += count
        }
        return bounds.last
    }
}

extension MetricsRegistry {
    /// The values of all series of a histogram together whose labels contain a text; nil if there is none.
    package func counts(of name: String, labelled text: String) -> [Int64]? {
        var total: [Int64]?
        for cell in histograms(name, labelled: text) {
            let counts = cell.snapshot.counts
            total = total.map { zip($0, counts).map(+) } ?? counts
        }
        return total
    }
}
