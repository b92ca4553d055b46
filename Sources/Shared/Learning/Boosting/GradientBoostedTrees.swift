// The ranker's model: gradient-boosted trees by XGBoost's C interface. Everything here computes and returns; nothing
// waits. An instance belongs to one thread at a time.

import CXGBoost

/// Trees that score rows of features.
package final class GradientBoostedTrees {
    /// The columns that the trees were grown on.
    package let featureNames: [String]
    private let trees: XGBoostTrees
    private let threads: Int

    /// Grows trees.
    ///
    /// - Parameters:
    ///   - features: A row for each candidate, those of one user together.
    ///   - labels: For each row 1 for a hit, 0 for none; larger is better for the ranking objectives.
    ///   - groups: How many rows each user has; the sum is the number of rows.
    ///   - control: Asked before each round.
    /// - Throws: ``BoostingError`` for input that does not fit together, CancellationError.
    package init(
        growingOn features: FeatureMatrix, labels: [Float], groups: [Int], parameters: BoostingParameters,
        control: StepControl = StepControl()
    ) throws {
        try Self.check(features, labels, groups)
        let table = try XGBoostTable(features, threads: parameters.threads)
        try table.set("label", labels)
        if parameters.objective.isGrouped { try table.set(groups: groups) }
        featureNames = features.names
        threads = parameters.threads
        trees = try XGBoostTrees(for: table)
        for (name, value) in parameters.settings { try checkXGBoost(XGBoosterSetParam(trees.handle, name, value)) }
        for round in 0..<parameters.rounds {
            try control.check()
            try checkXGBoost(XGBoosterUpdateOneIter(trees.handle, Int32(round), table.handle))
            control.report(Double(round + 1) / Double(parameters.rounds))
        }
    }

    /// Reads what ``bytes()`` wrote. `featureNames` are the columns that the trees were grown on.
    /// - Throws: ``BoostingError`` for bytes that are no trees, or trees of another number of columns.
    package init(bytes: [UInt8], featureNames: [String], threads: Int = Parallel.workersDefault) throws {
        self.featureNames = featureNames
        self.threads = threads
        trees = try XGBoostTrees()
        guard !bytes.isEmpty else { throw BoostingError(reason: "the model is empty") }
        try checkXGBoost(XGBoosterLoadModelFromBuffer(trees.handle, bytes, bst_ulong(bytes.count)))
        var columns: bst_ulong = 0
        try checkXGBoost(XGBoosterGetNumFeature(trees.handle, &columns))
        guard Int(columns) == featureNames.count else {
            throw BoostingError(reason: "the model has \(columns) columns, not \(featureNames.count)")
        }
        try checkXGBoost(XGBoosterSetParam(trees.handle, "nthread", "\(threads)"))
        try checkXGBoost(XGBoosterSetParam(trees.handle, "verbosity", "0"))
    }

    /// A score for each row, by XGBoost itself; a probability for the objective `logistic`, comparable within a user for the
    /// others. ``TreeScorer`` gives the same answer sooner, and is held against this one.
    /// - Throws: ``BoostingError`` if the columns are not those that the trees were grown on.
    package func scores(_ features: FeatureMatrix) throws -> [Float] {
        guard features.names == featureNames else {
            throw BoostingError(reason: "the table's columns are not those that the trees were grown on")
        }
        guard features.rowCount > 0 else { return [] }
        let table = try XGBoostTable(features, threads: threads)
        let request =
            #"{"type":0,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false}"#
        var shape: UnsafePointer<bst_ulong>?
        var dimensions: bst_ulong = 0
        var result: UnsafePointer<Float>?
        try checkXGBoost(
            XGBoosterPredictFromDMatrix(trees.handle, table.handle, request, &shape, &dimensions, &result))
        // The memory is XGBoost's, until its next call.
        guard let result else { throw BoostingError(reason: "there are no scores") }
        return Array(UnsafeBufferPointer(start: result, count: features.rowCount))
    }

    /// The trees as bytes (universal binary JSON), the same for the same trees.
    package func bytes() throws -> [UInt8] {
        var count: bst_ulong = 0
        var start: UnsafePointer<CChar>?
        try checkXGBoost(XGBoosterSaveModelToBuffer(trees.handle, #"{"format":"ubj"}"#, &count, &start))
        return Array(UnsafeRawBufferPointer(start: start, count: Int(count)))
    }

    /// Each tree as JSON, with the columns by name.
    package func treesAsJSON() throws -> [String] {
        var count: bst_ulong = 0
        var texts: UnsafeMutablePointer<UnsafePointer<CChar>?>?
        try withNames { names in
            var types: [UnsafePointer<CChar>?] = []
            try "q".withCString { type in
                types = names.map { _ in type }
                var names = names
                try checkXGBoost(
                    XGBoosterDumpModelExWithFeatures(
                        trees.handle, Int32(names.count), &names, &types, 1, "json", &count, &texts))
            }
        }
        return (0..<Int(count)).map { index in texts?[index].map { String(cString: $0) } ?? "" }
    }

    /// How much the decisions on each column gain on average, the largest first; columns that no tree uses are left out.
    package func importance() throws -> [(feature: String, gain: Float)] {
        try withNames { names in
            var names = names
            try checkXGBoost(
                XGBoosterSetStrFeatureInfo(trees.handle, "feature_name", &names, bst_ulong(names.count)))
        }
        var count: bst_ulong = 0
        var features: UnsafeMutablePointer<UnsafePointer<CChar>?>?
        var dimensions: bst_ulong = 0
        var shape: UnsafePointer<bst_ulong>?
        var gains: UnsafePointer<Float>?
        try checkXGBoost(
            XGBoosterFeatureScore(
                trees.handle, #"{"importance_type":"gain"}"#, &count, &features, &dimensions, &shape, &gains))
        guard let features, let gains else { return [] }
        var importance: [(feature: String, gain: Float)] = []
        for index in 0..<Int(count) {
            guard let name = features[index] else { continue }
            importance.append((String(cString: name), gains[index]))
        }
        return importance.sorted { ($1.gain, $0.feature) < ($0.gain, $1.feature) }
    }

    /// The columns' names as C strings, for the time of a call.
    private func withNames(_ body: ([UnsafePointer<CChar>?]) throws -> Void) throws {
        let bytes = featureNames.map { Array($0.utf8CString) }
        let joined = bytes.flatMap(\.self)
        try joined.withUnsafeBufferPointer { memory in
            var offset = 0
            var names: [UnsafePointer<CChar>?] = []
            for name in bytes {
                names.append(memory.baseAddress?.advanced(by: offset))
                offset += name.count
            }
            try body(names)
        }
    }

    private static func check(_ features: FeatureMatrix, _ labels: [Float], _ groups: [Int]) throws(BoostingError) {
        guard features.rowCount > 0 else { throw BoostingError(reason: "there are no rows to learn from") }
        guard labels.count == features.rowCount else {
            throw BoostingError(reason: "\(labels.count) labels for \(features.rowCount) rows")
        }
        guard groups.allSatisfy({ $0 > 0 }), groups.reduce(0, +) == features.rowCount else {
            throw BoostingError(reason: "the groups' sizes do not add up to \(features.rowCount) rows")
        }
        guard labels.allSatisfy(\.isFinite) else { throw BoostingError(reason: "a label is not a number") }
    }
}
