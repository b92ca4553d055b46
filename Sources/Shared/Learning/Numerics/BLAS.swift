// The one place that speaks to OpenBLAS. It computes on the caller's thread: Freshet divides work among threads itself,
// by blocks that are the same whatever the number of workers, and two who divide would be in each other's way.

import COpenBLAS

/// Row-major single precision, as far as Learning needs it.
enum BLAS {
    private static let singleThreaded: Void = openblas_set_num_threads(1)

    /// To be called before the first use.
    static func prepare() { singleThreaded }

    /// result = left * right, or left * transpose of right: rows x inner by inner x columns.
    static func multiply(
        _ left: UnsafePointer<Float>, rows: Int, inner: Int, _ right: UnsafePointer<Float>, columns: Int,
        isRightTransposed: Bool = false, into result: UnsafeMutablePointer<Float>
    ) {
        guard rows > 0, inner > 0, columns > 0 else { return }
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, isRightTransposed ? CblasTrans : CblasNoTrans, Int32(rows), Int32(columns),
            Int32(inner), 1, left, Int32(inner), right, Int32(isRightTransposed ? inner : columns), 0, result,
            Int32(columns))
    }

    /// The lower triangle of the inner products of columns, width x width: result = keep * result + rows^T rows.
    static func columnProducts(
        _ rows: UnsafePointer<Float>, count: Int, width: Int, keep: Float = 0, into result: UnsafeMutablePointer<Float>
    ) {
        cblas_ssyrk(
            CblasRowMajor, CblasLower, CblasTrans, Int32(width), Int32(count), 1, rows, Int32(width), keep, result,
            Int32(width))
    }

    /// The lower triangle of the inner products of rows, count x count.
    static func rowProducts(
        _ rows: UnsafePointer<Float>, count: Int, width: Int, into result: UnsafeMutablePointer<Float>
    ) {
        cblas_ssyrk(
            CblasRowMajor, CblasLower, CblasNoTrans, Int32(count), Int32(width), 1, rows, Int32(width), 0, result,
            Int32(count))
    }

    /// sum = keep * sum + the sum of rows, each times its coefficient.
    static func combine(
        _ rows: UnsafePointer<Float>, count: Int, width: Int, _ coefficients: UnsafePointer<Float>, keep: Float = 0,
        into sum: UnsafeMutablePointer<Float>
    ) {
        cblas_sgemv(
            CblasRowMajor, CblasTrans, Int32(count), Int32(width), 1, rows, Int32(width), coefficients, 1, keep, sum, 1)
    }

    /// Solves matrix * x = vector by Cholesky's factors, in place; the lower triangle is given. False if the matrix is
    /// not positive definite.
    static func solve(
        _ matrix: UnsafeMutablePointer<Float>, size: Int, _ vector: UnsafeMutablePointer<Float>
    ) -> Bool {
        // LAPACK goes by columns, so what is below the diagonal here is above it there.
        var size = Int32(size)
        var one: Int32 = 1
        var info: Int32 = 0
        _ = spotrf_("U", &size, matrix, &size, &info)
        guard info == 0 else { return false }
        _ = spotrs_("U", &size, &one, matrix, &size, vector, &size, &info)
        return info == 0
    }

    /// sum = sum + factor * row.
    static func add(
        _ factor: Float, _ row: UnsafePointer<Float>, count: Int, to sum: UnsafeMutablePointer<Float>
    ) {
        cblas_saxpy(Int32(count), factor, row, 1, sum, 1)
    }

    /// matrix = matrix - transpose of left * right, where left is inner x rows and right inner x columns, both parts of
    /// panels of a width, and matrix part of one of the same width.
    static func subtractProduct(
        _ left: UnsafePointer<Float>, rows: Int, inner: Int, _ right: UnsafePointer<Float>, columns: Int, width: Int,
        from matrix: UnsafeMutablePointer<Float>
    ) {
        guard rows > 0, columns > 0 else { return }
        cblas_sgemm(
            CblasRowMajor, CblasTrans, CblasNoTrans, Int32(rows), Int32(columns), Int32(inner), -1, left, Int32(width),
            right, Int32(width), 1, matrix, Int32(width))
    }

    /// Replaces the lower triangle of a positive definite matrix by that of its inverse; false if it is not positive
    /// definite, with its values lost.
    static func invert(_ matrix: UnsafeMutablePointer<Float>, size: Int) -> Bool {
        var size = Int32(size)
        var info: Int32 = 0
        _ = spotrf_("U", &size, matrix, &size, &info)
        guard info == 0 else { return false }
        _ = spotri_("U", &size, matrix, &size, &info)
        return info == 0
    }
}
