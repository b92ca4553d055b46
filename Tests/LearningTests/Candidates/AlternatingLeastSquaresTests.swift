// Alternating least squares against the normal equations, solved densely, and against its own promises.

import Synchronization
import Testing

@testable import Learning

struct AlternatingLeastSquaresTests {
    private func parameters(factors: Int = 6, iterations: Int = 3) -> AlternatingLeastSquares.Parameters {
        var parameters = AlternatingLeastSquares.Parameters()
        parameters.factors = factors
        parameters.regularization = 0.1
        parameters.alpha = 7
        parameters.iterations = iterations
        return parameters
    }

    /// Which ways rows are solved: all in place; by cells; by factors.
    private static let crossovers = [
        RowSolver.Crossovers(), RowSolver.Crossovers(inPlaceMax: 1000),
        RowSolver.Crossovers(inPlaceMax: 0, cellsPerFactor: 100),
        RowSolver.Crossovers(inPlaceMax: 0, cellsPerFactor: 0.1, gatheredMax: 16),
    ]

    @Test(arguments: crossovers, [1, 6, 33])
    func `items solve the normal equations for their users, however rows are solved`(
        crossovers: RowSolver.Crossovers, factors: Int
    ) throws {
        // Items of one cell to many, so that each way is taken, and cells are gathered in several goes.
        let matrix = randomMatrix(seed: 5, users: 700, items: 40)
        let parameters = parameters(factors: factors)
        let model = try AlternatingLeastSquares(parameters, crossovers: crossovers).factorize(matrix)
        let byItem = matrix.transposed()
        for item in 0..<40 {
            let expected = Dense.row(byItem.row(item), fixed: model.users, alpha: 7, lambda: 0.1)
            expectClose(model.items[item], expected, "item \(item)")
        }
    }

    @Test(arguments: crossovers)
    func `users solve the normal equations for the items before`(crossovers: RowSolver.Crossovers) throws {
        let matrix = randomMatrix(seed: 6, users: 60, items: 30)
        // One more half-iteration changes users alone: fold them in.
        let model = try AlternatingLeastSquares(parameters(), crossovers: crossovers).factorize(matrix)
        let folded = try model.foldIn(matrix)
        for user in 0..<60 {
            let expected = Dense.row(matrix.row(user), fixed: model.items, alpha: 7, lambda: 0.1)
            expectClose(folded[user], expected, "user \(user)")
        }
    }

    @Test func `users at rest are those of a fold-in, also users of one cell`() throws {
        let matrix = randomMatrix(seed: 7, users: 80, items: 12)
        let model = try AlternatingLeastSquares(parameters(factors: 3, iterations: 300)).factorize(matrix)
        let folded = try model.foldIn(matrix)
        #expect((0..<80).contains { matrix.row($0).count == 1 })
        for user in 0..<80 {
            expectClose(model.users[user], folded[user].map(Double.init), "user \(user)", share: 2e-3)
        }
    }

    @Test func `rows without cells are zeros, on both sides`() throws {
        let matrix = sparse([[], [(1, 1), (2, 3)], [(2, 1)], []], columns: 4)
        let model = try AlternatingLeastSquares(parameters()).factorize(matrix)
        for user in [0, 3] { #expect(model.users[user].allSatisfy { $0 == 0 }) }
        for item in [0, 3] { #expect(model.items[item].allSatisfy { $0 == 0 }) }
        #expect(model.users[1].contains { $0 != 0 })
        #expect(model.items[1].contains { $0 != 0 })
    }

    @Test func `a confidence of one makes plain least squares of the cells`() throws {
        let matrix = randomMatrix(seed: 8, users: 50, items: 20)
        var parameters = parameters()
        parameters.alpha = 0
        for crossovers in Self.crossovers {
            let model = try AlternatingLeastSquares(parameters, crossovers: crossovers).factorize(matrix)
            let byItem = matrix.transposed()
            for item in 0..<20 {
                let expected = Dense.row(byItem.row(item), fixed: model.users, alpha: 0, lambda: 0.1)
                expectClose(model.items[item], expected, "item \(item)")
            }
        }
    }

    @Test func `the objective is that of all pairs, and falls with each iteration`() throws {
        let matrix = randomMatrix(seed: 9, users: 120, items: 50)
        var before = Double.infinity
        for iterations in 1...8 {
            let model = try AlternatingLeastSquares(parameters(factors: 8, iterations: iterations)).factorize(matrix)
            let loss = try model.loss(on: matrix)
            let dense = Dense.loss(model, matrix)
            #expect(abs(loss - dense) < 1e-5 * dense)
            #expect(loss < before * (1 + 1e-6))
            before = loss
        }
        let empty = try AlternatingLeastSquares(parameters(iterations: 0)).factorize(matrix)
        #expect(before < 0.5 * Dense.loss(empty, matrix))
    }

    @Test func `factors are the same bytes for one worker and for more, and others for another seed`() throws {
        let matrix = randomMatrix(seed: 10, users: 3000, items: 300)
        var parameters = parameters(factors: 16)
        let one = try AlternatingLeastSquares(parameters).factorize(matrix, workers: 1)
        for workers in [2, 5] {
            let many = try AlternatingLeastSquares(parameters).factorize(matrix, workers: workers)
            #expect(many.users == one.users)
            #expect(many.items == one.items)
            #expect(try many.loss(on: matrix, workers: workers) == one.loss(on: matrix, workers: 1))
            #expect(try many.foldIn(matrix, workers: workers) == one.foldIn(matrix, workers: 1))
        }
        parameters.seed = 2
        #expect(try AlternatingLeastSquares(parameters).factorize(matrix).items != one.items)
    }

    @Test(arguments: [(0, 0), (0, 5), (5, 0), (3, 3)])
    func `nothing is learned from nothing`(users: Int, items: Int) throws {
        let empty = sparse([[(UInt32, Float)]](repeating: [], count: users), columns: items)
        let model = try AlternatingLeastSquares(parameters()).factorize(empty)
        #expect(model.users == DenseMatrix(rowCount: users, columnCount: 6))
        #expect(model.items == DenseMatrix(rowCount: items, columnCount: 6))
        #expect(try model.loss(on: empty) == 0)
        #expect(try model.foldIn(empty).rowCount == users)
    }

    @Test func `one user and one item prefer one another`() throws {
        let matrix = sparse([[(0, 2)]], columns: 1)
        let model = try AlternatingLeastSquares(parameters(iterations: 500)).factorize(matrix)
        let score = zip(model.users[0], model.items[0]).reduce(0) { $0 + $1.0 * $1.1 }
        // Both have squares of s; 15 (1 - s)^2 + 0.2 s is least at s = 1 - 0.1 / 15.
        #expect(abs(score - (1 - 0.1 / 15)) < 1e-3)
    }

    @Test func `huge and tiny strengths leave finite factors`() throws {
        let matrix = sparse([[(0, 1e30), (1, 1e-30)], [(0, 1e-30)], [(1, 1e30)], [(0, 1), (1, 1)]], columns: 2)
        let model = try AlternatingLeastSquares(parameters(iterations: 500)).factorize(matrix)
        #expect((model.users.values + model.items.values).allSatisfy { $0.isFinite })
        let score = zip(model.users[0], model.items[0]).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(score - 1) < 0.01)
    }

    @Test func `cancelling ends it, and the done share only grows`() throws {
        let matrix = randomMatrix(seed: 11, users: 200, items: 50)
        let shares = Mutex<[Double]>([])
        let control = StepControl(
            isCancelled: { shares.withLock { $0.count >= 3 } },
            report: { share in shares.withLock { $0.append(share) } })
        #expect(throws: CancellationError.self) {
            try AlternatingLeastSquares(parameters()).factorize(matrix, control: control)
        }
        let sixths = shares.withLock { shares in shares.map { ($0 * 6).rounded() } }
        #expect(sixths == [1, 2, 3])
    }

    /// Within a share of the row's length.
    private func expectClose(
        _ row: ArraySlice<Float>, _ expected: [Double], _ name: String, share: Double = 2e-4,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let length = expected.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let error = zip(row, expected).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }.squareRoot()
        #expect(error <= share * length + 1e-6, "\(name): \(row) for \(expected)", sourceLocation: sourceLocation)
    }
}
