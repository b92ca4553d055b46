// Interactions of RetailRocket's shape (2015, 4.5 months): as many users, items and events, seven users in ten with one
// event, the top item with a thousandth of all events; and with tastes, so that there is something to learn.

import Glibc
import Learning

/// Draws users by items from a fixed seed.
struct GeneratedInteractions {
    var users = 1_407_580
    var items = 235_061
    var events = 2_756_101
    private var state: UInt64 = 0x5DEE_CE66_D1CE_CAFE

    /// A cell holds the sum of its events' weights: 1 for a view, 4 for one in forty, an addition to the cart.
    func matrix() -> SparseMatrix {
        var generator = self
        var starts = [0]
        var columns: [UInt32] = []
        var values: [Float] = []
        var left = events
        for _ in 0..<users {
            // P(count >= n) = n^-1.75: mean 1.96, P(1) = 0.70.
            let count = min(Int(pow(generator.uniform(), -1 / 1.75)), 8000, left)
            left -= count
            let taste = generator.bits() % 50
            var cells: [UInt32: Float] = [:]
            for _ in 0..<count {
                cells[generator.item(taste), default: 0] += generator.bits() % 40 == 0 ? 4 : 1
            }
            for (item, value) in cells.sorted(by: { $0.key < $1.key }) {
                columns.append(item)
                values.append(value)
            }
            starts.append(columns.count)
        }
        return SparseMatrix(rowCount: users, columnCount: items, starts: starts, columns: columns, values: values)
    }

    /// Zipf and Mandelbrot: P(rank) ~ 1 / (rank + 100). Seven in ten are of the user's taste, one in fifty items is.
    private mutating func item(_ taste: UInt64) -> UInt32 {
        let rank = 100 * exp(uniform() * log(Double(items + 100) / 100)) - 100
        var item = min(UInt64(max(rank, 0)), UInt64(items - 1))
        if bits() % 10 < 7 { item = min(item / 50 * 50 + taste, UInt64(items - 1)) }
        return UInt32(item)
    }

    /// More than 0, at most 1.
    private mutating func uniform() -> Double { Double((bits() >> 11) + 1) * 0x1p-53 }

    private mutating func bits() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
