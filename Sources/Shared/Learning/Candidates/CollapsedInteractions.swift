// The interactions as alternating least squares reads them, with all users of a single cell taken together. Such a
// user's factors are a multiple of the one item's, so all who touched only that item act on it as one row would: most
// users cost a few operations instead of a row of their own, and nothing is approximated.

import CKernels

/// Cells by users and by items, users of one cell collapsed into one row for each item.
struct CollapsedInteractions {
    /// Users with two cells or more, in ascending order: the first rows of the users' side.
    let users: [UInt32]
    /// Items that are the only one of some users, in ascending order: the rows behind those.
    let soleItems: [UInt32]
    /// The cells of `users`.
    let userCells: Observations
    /// The cells of all items; columns are rows of the users' side. A sole item's first cell is its collapsed one.
    private(set) var itemCells: Observations
    /// Where the users of each of `soleItems` start; one more entry.
    let soleStarts: [Int]
    let soleUsers: [UInt32]
    /// d = alpha times the value of each of `soleUsers`.
    private let soleStrengths: [Float]
    /// What each of `soleUsers` is times its collapsed row.
    private(set) var soleFactors: [Float]

    /// How many rows the users' side has.
    var rowCount: Int { users.count + soleItems.count }

    init(_ matrix: SparseMatrix, alpha: Double) {
        var users: [UInt32] = []
        var starts = [0]
        var columns: [UInt32] = []
        var values: [Float] = []
        var soleCells: [(item: UInt32, user: UInt32, value: Float)] = []
        for row in 0..<matrix.rowCount {
            let cells = matrix.cells(ofRow: row)
            if cells.count > 1 {
                users.append(UInt32(row))
                columns.append(contentsOf: matrix.columns[cells])
                values.append(contentsOf: matrix.values[cells])
                starts.append(columns.count)
            } else if let cell = cells.first {
                soleCells.append((matrix.columns[cell], UInt32(row), matrix.values[cell]))
            }
        }
        soleCells.sort { ($0.item, $0.user) < ($1.item, $1.user) }
        let multiple = SparseMatrix(
            rowCount: users.count, columnCount: matrix.columnCount, starts: starts, columns: columns, values: values)
        var soleItems: [UInt32] = []
        var soleStarts: [Int] = []
        for (place, cell) in soleCells.enumerated() where cell.item != soleItems.last {
            soleItems.append(cell.item)
            soleStarts.append(place)
        }
        soleStarts.append(soleCells.count)
        self.users = users
        self.soleItems = soleItems
        self.soleStarts = soleStarts
        soleUsers = soleCells.map(\.user)
        soleStrengths = soleCells.map { Float(Observations.limited(alpha * Double($0.value))) }
        soleFactors = [Float](repeating: 0, count: soleCells.count)
        userCells = Observations(multiple, alpha: alpha)
        itemCells = Self.itemCells(
            Observations(multiple.transposed(), alpha: alpha), soleItems, rowsBefore: users.count)
    }

    /// Puts the collapsed cells before the others; what they weigh is known once users are solved.
    private static func itemCells(_ cells: Observations, _ soleItems: [UInt32], rowsBefore: Int) -> Observations {
        var result = Observations(starts: [0], columns: [], roots: [], targets: [])
        var sole = 0
        for item in 0..<cells.starts.count - 1 {
            if sole < soleItems.count, soleItems[sole] == item {
                result.columns.append(UInt32(rowsBefore + sole))
                result.roots.append(0)
                result.targets.append(0)
                sole += 1
            }
            let range = cells.starts[item]..<cells.starts[item + 1]
            result.columns.append(contentsOf: cells.columns[range])
            result.roots.append(contentsOf: cells.roots[range])
            result.targets.append(contentsOf: cells.targets[range])
            result.starts.append(result.columns.count)
        }
        return result
    }

    /// Solves the users of one cell, x = s h with s = c / (1 + d |h|^2), and collapses those of each item into the row
    /// a h with a^2 = sum s^2, of d = sum d s^2 / a^2 and c = sum c s / a.
    ///
    /// - Parameters:
    ///   - items: The items' side in whitened coordinates.
    ///   - rows: The users' side in the same coordinates; its rows of sole items are written.
    mutating func solveSoleUsers(items: FactorRows, rows: FactorRows) {
        for (sole, item) in soleItems.enumerated() {
            let fixed = items[Int(item)]
            let square = Double(kernels_dot(fixed, fixed, items.width))
            var squares = 0.0
            var quadratic = 0.0
            var linear = 0.0
            let range = soleStarts[sole]..<soleStarts[sole + 1]
            for place in range {
                let strength = Double(soleStrengths[place])
                let factor = (1 + strength) / (1 + strength * square)
                squares += factor * factor
                quadratic += strength * factor * factor
                linear += (1 + strength) * factor
                soleFactors[place] = Float(factor)
            }
            let length = squares.squareRoot()
            for place in range { soleFactors[place] = Float(Double(soleFactors[place]) / length) }
            let row = rows[users.count + sole]
            for factor in 0..<items.width { row[factor] = Float(length) * fixed[factor] }
            let cell = Observations.cell(quadratic: quadratic / squares, linear: linear / length)
            itemCells.roots[itemCells.starts[Int(item)]] = cell.root
            itemCells.targets[itemCells.starts[Int(item)]] = cell.target
        }
    }
}
