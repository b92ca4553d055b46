// One side of a factorization while it is being learned: a tall matrix stored in coordinates of its own. Each half of
// an iteration wants the other side in coordinates in which its regularized inner products are the identity; instead of
// going back to the true coordinates in between, two changes of coordinates are multiplied into one.

/// Rows of factors: the true matrix is `stored` times `basis`.
final class FactorRows {
    let count: Int
    let width: Int
    /// count x width values.
    let stored: UnsafeMutablePointer<Float>
    /// width x width.
    var basis: SquareMatrix

    private static let chunkRows = 1024
    private static let partsMax = 64

    /// Rows of zeros in true coordinates.
    init(count: Int, width: Int) {
        self.count = count
        self.width = width
        stored = .allocate(capacity: max(count * width, 1))
        stored.initialize(repeating: 0, count: count * width)
        basis = .identity(width)
        BLAS.prepare()
    }

    /// A copy of true rows.
    convenience init(_ matrix: DenseMatrix) {
        self.init(count: matrix.rowCount, width: matrix.columnCount)
        matrix.values.withUnsafeBufferPointer { values in
            if let values = values.baseAddress { stored.update(from: values, count: count * width) }
        }
    }

    deinit { stored.deallocate() }

    subscript(row: Int) -> UnsafeMutablePointer<Float> { stored + row * width }

    /// Changes to the coordinates in which true^T true + regularization I = L L^T is the identity, that is, true rows
    /// times L^-T.
    ///
    /// - Returns: L^-1, the basis of what is then solved in these coordinates.
    func whiten(regularization: Double, workers: Int, control: StepControl) throws -> SquareMatrix {
        let products = try columnProducts(workers: workers, control: control)
        var metric = basis.transposed * products * basis
        metric.addDiagonal(regularization)
        // Rounding can leave a matrix of too little rank with an eigenvalue below zero, if regularization is tiny.
        var lift = 1e-9 * max(metric.values.max() ?? 0, .leastNormalMagnitude)
        var lower = metric.cholesky()
        while lower == nil {
            guard lift.isFinite else { preconditionFailure("factors must be finite") }
            metric.addDiagonal(lift)
            lift *= 10
            lower = metric.cholesky()
        }
        guard let lower else { return basis }
        let inverse = lower.inverseOfLower()
        try multiply(by: (basis * inverse.transposed).floats, workers: workers, control: control)
        basis = lower.transposed
        return inverse
    }

    /// stored^T stored, summed in doubles over parts that are the same for any number of workers.
    func columnProducts(workers: Int, control: StepControl) throws -> SquareMatrix {
        let size = width * width
        let parts = max(1, min(Self.partsMax, (count + 4 * Self.chunkRows - 1) / (4 * Self.chunkRows)))
        var sums = [Double](repeating: 0, count: parts * size)
        var scratch = [Float](repeating: 0, count: workers * size)
        try sums.withUnsafeMutableBufferPointer { sums in
            try scratch.withUnsafeMutableBufferPointer { scratch in
                guard let sums = sums.baseAddress, let scratch = scratch.baseAddress else { return }
                try Parallel.forEach(blocks: parts, workers: workers, control: control) { part, worker in
                    let end = (part + 1) * count / parts
                    let products = scratch + worker * size
                    for start in stride(from: part * count / parts, to: end, by: Self.chunkRows) {
                        let rows = min(Self.chunkRows, end - start)
                        BLAS.columnProducts(self[start], count: rows, width: width, into: products)
                        for place in 0..<size { sums[part * size + place] += Double(products[place]) }
                    }
                }
            }
        }
        var result = SquareMatrix(size: width, values: [Double](repeating: 0, count: size))
        for row in 0..<width {
            for column in 0...row {
                let sum = (0..<parts).reduce(0.0) { $0 + sums[$1 * size + row * width + column] }
                result.values[row * width + column] = sum
                result.values[column * width + row] = sum
            }
        }
        return result
    }

    /// stored = stored * matrix.
    private func multiply(by matrix: [Float], workers: Int, control: StepControl) throws {
        try withScratch(floats: workers * Self.chunkRows * width) { scratch in
            try Parallel.forEachRange(of: count, by: Self.chunkRows, workers: workers, control: control) {
                rows, worker in
                let product = scratch + worker * Self.chunkRows * width
                BLAS.multiply(
                    self[rows.lowerBound], rows: rows.count, inner: width, matrix, columns: width, into: product)
                self[rows.lowerBound].update(from: product, count: rows.count * width)
            }
        }
    }

    /// Hands out the true rows, block by block: a block's first row, and its rows' values.
    func forEachTrueBlock(
        workers: Int, control: StepControl, _ body: (_ rows: Range<Int>, _ values: UnsafePointer<Float>) -> Void
    ) throws {
        let matrix = basis.floats
        try withScratch(floats: workers * Self.chunkRows * width) { scratch in
            try Parallel.forEachRange(of: count, by: Self.chunkRows, workers: workers, control: control) {
                rows, worker in
                let product = scratch + worker * Self.chunkRows * width
                BLAS.multiply(
                    self[rows.lowerBound], rows: rows.count, inner: width, matrix, columns: width, into: product)
                body(rows, product)
            }
        }
    }
}

/// Memory for the length of a call.
func withScratch<Result>(floats: Int, _ body: (UnsafeMutablePointer<Float>) throws -> Result) rethrows -> Result {
    let scratch = UnsafeMutablePointer<Float>.allocate(capacity: max(floats, 1))
    defer { scratch.deallocate() }
    scratch.initialize(repeating: 0, count: floats)
    return try body(scratch)
}
