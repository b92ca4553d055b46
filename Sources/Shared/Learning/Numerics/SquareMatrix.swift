// Small dense matrices in double precision, factors by factors. What is inverted is inverted here: the inner products
// of a million rows are too ill-conditioned for floats, and at this size doubles cost nothing.

import COpenBLAS

/// A square row-major matrix of doubles.
struct SquareMatrix {
    let size: Int
    var values: [Double]

    init(size: Int, values: [Double]) {
        precondition(values.count == size * size)
        self.size = size
        self.values = values
    }

    static func identity(_ size: Int) -> SquareMatrix {
        var result = SquareMatrix(size: size, values: [Double](repeating: 0, count: size * size))
        for place in 0..<size { result.values[place * size + place] = 1 }
        return result
    }

    var transposed: SquareMatrix {
        var result = self
        for row in 0..<size {
            for column in 0..<size { result.values[row * size + column] = values[column * size + row] }
        }
        return result
    }

    /// The values as floats, for multiplying long matrices.
    var floats: [Float] { values.map { Float($0) } }

    static func * (left: SquareMatrix, right: SquareMatrix) -> SquareMatrix {
        let size = Int32(left.size)
        var result = left
        cblas_dgemm(
            CblasRowMajor, CblasNoTrans, CblasNoTrans, size, size, size, 1, left.values, size, right.values, size, 0,
            &result.values, size)
        return result
    }

    /// Adds to the diagonal.
    mutating func addDiagonal(_ amount: Double) {
        for place in 0..<size { values[place * size + place] += amount }
    }

    /// The lower triangular L of L L^T = self; nil if self is not positive definite.
    func cholesky() -> SquareMatrix? {
        var result = self
        var size = Int32(size)
        var info: Int32 = 0
        // LAPACK goes by columns: its upper triangle is our lower one.
        _ = dpotrf_("U", &size, &result.values, &size, &info)
        guard info == 0 else { return nil }
        result.clearAboveDiagonal()
        return result
    }

    /// The inverse of a lower triangular matrix whose diagonal has no zero.
    func inverseOfLower() -> SquareMatrix {
        var result = self
        var size = Int32(size)
        var info: Int32 = 0
        _ = dtrtri_("U", "N", &size, &result.values, &size, &info)
        precondition(info == 0, "a triangular matrix with a zero on its diagonal has no inverse")
        return result
    }

    private mutating func clearAboveDiagonal() {
        for row in 0..<size { for column in row + 1..<max(size, row + 1) { values[row * size + column] = 0 } }
    }
}
