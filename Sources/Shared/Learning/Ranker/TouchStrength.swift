// Carts and purchases, by what their types weigh: a log may call them anything, and may have one type only.

/// Which types of events say more than the lightest that a log holds.
struct TouchStrength {
    /// By type: whether it weighs more than the lightest.
    let isStrong: [Bool]
    /// By type: whether it is strong and none weighs more.
    let isStrongest: [Bool]

    init(_ table: InteractionTable) {
        var occurs = [Bool](repeating: false, count: table.typeWeights.count)
        for type in table.types { occurs[Int(type)] = true }
        let weights = table.typeWeights.indices.filter { occurs[$0] }.map { table.typeWeights[$0] }
        let (lightest, heaviest) = (weights.min() ?? 0, weights.max() ?? 0)
        isStrong = table.typeWeights.map { $0 > lightest && heaviest > lightest }
        isStrongest = table.typeWeights.map { $0 >= heaviest && heaviest > lightest }
    }
}
