// The edge to XGBoost: its two handles, each freed once, and its way to say what went wrong.

import CXGBoost

/// Calls XGBoost and throws what it says if the call fails.
func checkXGBoost(_ status: Int32) throws(BoostingError) {
    guard status != 0 else { return }
    // A stack trace follows the first lines.
    let text = String(cString: XGBGetLastError())
    let reason = text.split(separator: "Stack trace", maxSplits: 1).first ?? ""
    throw BoostingError(reason: reason.split(whereSeparator: \.isNewline).joined(separator: " "))
}

/// A table within XGBoost.
struct XGBoostTable: ~Copyable {
    let handle: DMatrixHandle

    /// Copies a table.
    init(_ features: FeatureMatrix, threads: Int) throws(BoostingError) {
        var handle: DMatrixHandle?
        try checkXGBoost(
            XGDMatrixCreateFromMat_omp(
                features.values, bst_ulong(features.rowCount), bst_ulong(features.names.count), Float.nan, &handle,
                Int32(threads)))
        guard let handle else { throw BoostingError(reason: "there is no table") }
        self.handle = handle
    }

    /// Says what is to be learned of each row.
    func set(_ field: String, _ values: [Float]) throws(BoostingError) {
        try checkXGBoost(XGDMatrixSetFloatInfo(handle, field, values, bst_ulong(values.count)))
    }

    /// Says how many rows each group has, in the order of the rows.
    func set(groups: [Int]) throws(BoostingError) {
        let sizes = groups.map { UInt32($0) }
        try checkXGBoost(XGDMatrixSetUIntInfo(handle, "group", sizes, bst_ulong(sizes.count)))
    }

    deinit { _ = XGDMatrixFree(handle) }
}

/// Trees within XGBoost.
struct XGBoostTrees: ~Copyable {
    let handle: BoosterHandle

    /// Trees to be grown from a table.
    init(for table: borrowing XGBoostTable) throws(BoostingError) {
        var tables: [DMatrixHandle?] = [table.handle]
        var handle: BoosterHandle?
        try checkXGBoost(XGBoosterCreate(&tables, 1, &handle))
        guard let handle else { throw BoostingError(reason: "there are no trees") }
        self.handle = handle
    }

    /// Trees to be read.
    init() throws(BoostingError) {
        var handle: BoosterHandle?
        try checkXGBoost(XGBoosterCreate(nil, 0, &handle))
        guard let handle else { throw BoostingError(reason: "there are no trees") }
        self.handle = handle
    }

    deinit { _ = XGBoosterFree(handle) }
}
