// EASE^R against its equation, written down densely in doubles.

import Testing

@testable import Learning

struct ClosedFormAutoencoderTests {
    private func parameters(_ regularization: Double, items: Int = 1000) -> ClosedFormAutoencoder.Parameters {
        var parameters = ClosedFormAutoencoder.Parameters()
        parameters.regularization = regularization
        parameters.modelBytesMax = 4 * items * items
        return parameters
    }

    /// Equation 8, over some of the columns.
    private func weights(_ matrix: SparseMatrix, items: [UInt32], regularization: Double) -> [[Double]] {
        let rows = (0..<matrix.rowCount).map { row in
            let cells = Dictionary(uniqueKeysWithValues: matrix.row(row))
            return items.map { Double(cells[$0] ?? 0) }
        }
        let products = items.indices.map { left in
            items.indices.map { right in
                rows.reduce(left == right ? regularization : 0) { $0 + $1[left] * $1[right] }
            }
        }
        let inverse = Dense.inverse(products)
        return items.indices.map { row in
            items.indices.map { $0 == row ? 0 : -inverse[row][$0] / inverse[$0][$0] }
        }
    }

    @Test(arguments: [1, 7, 40])
    func `weights are those of the equation`(items: Int) throws {
        let matrix = randomMatrix(seed: 3, users: 90, items: items)
        let model = try #require(try ClosedFormAutoencoder.learn(matrix, parameters: parameters(2)))
        #expect(model.items == (0..<UInt32(items)).map { $0 })
        let expected = weights(matrix, items: model.items, regularization: 2)
        for row in 0..<items {
            for (value, right) in zip(model.weights[row], expected[row]) { #expect(abs(Double(value) - right) < 1e-4) }
        }
    }

    @Test func `the most active items are covered that fit, and score with what the user has of them`() throws {
        let matrix = randomMatrix(seed: 4, users: 150, items: 30)
        let model = try #require(try ClosedFormAutoencoder.learn(matrix, parameters: parameters(5, items: 11)))
        let users = matrix.transposed()
        let active = (0..<30).sorted { (users.row($1).count, $0) < (users.row($0).count, $1) }.prefix(11).sorted()
        #expect(model.items == active.map(UInt32.init))
        let expected = weights(matrix, items: model.items, regularization: 5)
        var mask = [Bool](repeating: false, count: 30)
        mask[active[2]] = true
        let lists = try model.lists(for: 0..<150, of: matrix, itemsMax: 30, isExcluded: mask, seen: matrix)
        #expect(lists.count == 150)
        for user in 0..<150 {
            let own = matrix.row(user).filter { model.items.contains($0.0) }
            let seen = Set(matrix.row(user).map(\.0))
            let open = own.isEmpty ? [] : model.items.filter { !seen.contains($0) && !mask[Int($0)] }
            #expect(Set(lists[user].map(\.item)) == Set(open))
            for entry in lists[user] {
                let column = try #require(model.items.firstIndex(of: entry.item))
                let score = try own.reduce(0.0) {
                    $0 + Double($1.1) * expected[try #require(model.items.firstIndex(of: $1.0))][column]
                }
                #expect(abs(Double(entry.score) - score) < 1e-3)
            }
            #expect(lists[user].map(\.score) == lists[user].map(\.score).sorted(by: >))
        }
    }

    @Test(arguments: [1, 255, 256, 257, 700])
    func `a large inverse times its matrix is the identity, the same for any number of workers`(size: Int) throws {
        let factors = randomDense(seed: 6, rows: size, columns: 40)
        var matrix = [Float](repeating: 0, count: size * size)
        for row in 0..<size {
            for column in 0...row {
                matrix[row * size + column] = zip(factors[row], factors[column]).reduce(row == column ? 5 : 0) {
                    $0 + $1.0 * $1.1
                }
            }
        }
        let inverses = try [1, 2, 3].map { workers in
            var copy = matrix
            try copy.withUnsafeMutableBufferPointer { values in
                let start = try #require(values.baseAddress)
                #expect(
                    try SymmetricInverse.invert(start, size: size, workers: workers, control: StepControl()) { _ in })
            }
            return copy
        }
        func at(_ values: [Float], _ row: Int, _ column: Int) -> Double {
            Double(values[max(row, column) * size + min(row, column)])
        }
        for row in stride(from: 0, to: size, by: max(size / 9, 1)) {
            for column in stride(from: 0, to: size, by: max(size / 11, 1)) {
                let sum = (0..<size).reduce(0.0) { $0 + at(inverses[0], row, $1) * at(matrix, $1, column) }
                #expect(abs(sum - (row == column ? 1 : 0)) < 1e-3)
            }
        }
        for row in 0..<size {
            let lower = row * size...row * size + row
            #expect(inverses[1][lower] == inverses[0][lower] && inverses[2][lower] == inverses[0][lower])
        }
    }

    @Test func `what is not positive definite has no inverse, and says so`() throws {
        var matrix: [Float] = [1, 0, 2, 1]
        try matrix.withUnsafeMutableBufferPointer { values in
            let start = try #require(values.baseAddress)
            #expect(try !SymmetricInverse.invert(start, size: 2, workers: 1, control: StepControl()) { _ in })
        }
    }

    @Test(arguments: [(0, 0), (0, 4), (4, 0), (2, 3)])
    func `nothing is learned from nothing`(users: Int, items: Int) throws {
        let empty = sparse([[(UInt32, Float)]](repeating: [], count: users), columns: items)
        let model = try #require(try ClosedFormAutoencoder.learn(empty))
        #expect(model.items.isEmpty && model.weights.values.isEmpty)
        let lists = try model.lists(for: 0..<users, of: empty, itemsMax: 5)
        #expect(lists.count == users && (0..<users).allSatisfy { lists[$0].isEmpty })
        let full = try #require(
            try ClosedFormAutoencoder.learn(sparse([[(0, 1)]], columns: 1), parameters: parameters(1, items: 0)))
        #expect(full.items.isEmpty)
    }

    @Test func `cancelling ends it`() {
        let matrix = randomMatrix(seed: 5, users: 50, items: 30)
        #expect(throws: CancellationError.self) {
            try ClosedFormAutoencoder.learn(matrix, control: StepControl(isCancelled: { true }))
        }
    }
}
