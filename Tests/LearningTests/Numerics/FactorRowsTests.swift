// The changes of coordinates of a tall matrix: sums over all parts, and what whitening promises.

import Testing

@testable import Learning

struct FactorRowsTests {
    private func products(_ rows: (Int) -> [Double], count: Int, width: Int) -> [[Double]] {
        var sums = [[Double]](repeating: [Double](repeating: 0, count: width), count: width)
        for row in 0..<count {
            let values = rows(row)
            for left in 0..<width { for right in 0..<width { sums[left][right] += values[left] * values[right] } }
        }
        return sums
    }

    @Test(arguments: [0, 1, 1024, 4097, 9000])
    func `inner products of columns are summed over all rows, the same for any number of workers`(count: Int) throws {
        let matrix = randomDense(seed: 1, rows: count, columns: 3)
        let rows = FactorRows(matrix)
        let sums = try rows.columnProducts(workers: 2, control: StepControl())
        let expected = products({ matrix[$0].map(Double.init) }, count: count, width: 3)
        for row in 0..<3 {
            for column in 0..<3 { #expect(abs(sums.values[row * 3 + column] - expected[row][column]) < 1e-3) }
        }
        for workers in [1, 3] {
            #expect(try rows.columnProducts(workers: workers, control: StepControl()).values == sums.values)
        }
    }

    @Test func `whitened rows have regularized products of one, and keep their true values`() throws {
        let matrix = randomDense(seed: 2, rows: 2500, columns: 4)
        let rows = FactorRows(matrix)
        // Twice: the second change starts from coordinates that are not the true ones.
        for regularization in [0.5, 40] {
            let inverse = try rows.whiten(regularization: regularization, workers: 2, control: StepControl())
            // stored^T stored + lambda L^-1 L^-T is the identity.
            let sums = try rows.columnProducts(workers: 2, control: StepControl())
            let rest = inverse * inverse.transposed
            for row in 0..<4 {
                for column in 0..<4 {
                    let value = sums.values[row * 4 + column] + regularization * rest.values[row * 4 + column]
                    #expect(abs(value - (row == column ? 1 : 0)) < 1e-4)
                }
            }
        }
        try rows.forEachTrueBlock(workers: 1, control: StepControl()) { block, values in
            for (place, row) in block.enumerated() {
                for (factor, value) in matrix[row].enumerated() {
                    #expect(abs(values[place * 4 + factor] - value) < 1e-4)
                }
            }
        }
    }

    @Test func `columns that depend on one another are whitened all the same`() throws {
        let column = (0..<5000).map { Float($0 % 7) * 1000 }
        let rows = FactorRows(DenseMatrix(rowCount: 5000, columnCount: 2, values: column.flatMap { [$0, $0] }))
        _ = try rows.whiten(regularization: 1e-9, workers: 2, control: StepControl())
        #expect((0..<10_000).allSatisfy { rows.stored[$0].isFinite })
    }
}
