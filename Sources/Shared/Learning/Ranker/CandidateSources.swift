// Where candidates come from, all computed from what was known before one time. The ranker is trained on sources of the
// past and applied to those of the present, so both are made here, by the same code.

import Glibc

/// The sources of candidates as of a time.
struct CandidateSources: Sendable {
    let atMs: Int64
    let data: TrainingData
    let parameters: RankerParameters
    let activity: ItemActivity
    let categories: ItemCategories
    /// Users by items they touched, ones.
    let seen: SparseMatrix
    /// The same, less for touches long ago.
    let recent: SparseMatrix
    /// Nil if floats cannot hold the model.
    let autoencoder: ClosedFormAutoencoder?
    let factors: FactorModel
    /// Similar items of every item, and what of them follows from a user's history.
    let similarLists: RankedLists
    let similar: OfflineLists
    /// Items that nobody may be recommended at the time.
    let isExcluded: [Bool]
    /// Items by popularity, and each item's place there, counted from 0.
    let popular: [UInt32]
    let popularPlaces: [Float]

    /// Computes all sources from `data`, which must end before `atMs`.
    /// - Parameter isExcluded: By item, whether nobody may be recommended it; nil for those not available at `atMs`.
    /// - Throws: CancellationError.
    init(
        _ data: TrainingData, atMs: Int64, isExcluded: [Bool]? = nil, parameters: RankerParameters, control: StepControl
    ) throws {
        self.atMs = atMs
        self.data = data
        self.parameters = parameters
        let table = data.interactions
        activity = ItemActivity(table, atMs: atMs)
        categories = ItemCategories(data, atMs: atMs)
        let history = data.history
        self.isExcluded = isExcluded ?? (0..<table.itemCount).map { !history.isAvailable($0, atMs: atMs) }
        try control.check()
        seen = SparseMatrix(table, weighting: Self.seenWeighting(table))
        let recentWeighting = Self.recentWeighting(table, halvingMs: parameters.halvingMs, atMs: atMs)
        recent = SparseMatrix(table, weighting: recentWeighting)
        let stop = StepControl(isCancelled: control.isCancelled)
        autoencoder = try ClosedFormAutoencoder.learn(recent, parameters: parameters.autoencoder, control: stop)
        control.report(0.5)
        factors = try AlternatingLeastSquares(parameters.factorization).factorize(seen, control: stop)
        control.report(0.8)
        var lists = OfflineLists.Parameters()
        lists.itemsMax = parameters.candidatesMax
        lists.servingWindowMs = 0
        similarLists = try Self.similarItems(data, self.isExcluded, parameters.similar, stop)
        similar = OfflineLists(data, similar: similarLists, parameters: lists)
        popular = activity.byPopularity()
        var places = [Float](repeating: .nan, count: table.itemCount)
        for (place, item) in popular.enumerated() { places[Int(item)] = Float(place) }
        popularPlaces = places
        control.report(1)
    }

    /// One for each item that a user touched, however and how often.
    static func seenWeighting(_ table: InteractionTable) -> InteractionWeighting {
        var weighting = InteractionWeighting()
        weighting.aggregation = .capped(1)
        weighting.typeWeights = table.typeWeights.map { $0 > 0 ? 1 : 0 }
        return weighting
    }

    /// The same, less for touches long ago.
    static func recentWeighting(_ table: InteractionTable, halvingMs: Double, atMs: Int64) -> InteractionWeighting {
        var weighting = seenWeighting(table)
        weighting.aggregation = .largest
        weighting.halfLifeMs = halvingMs
        weighting.referenceMs = atMs
        return weighting
    }

    /// The items that a user touched last, as many as another source gives; without those that cannot be recommended.
    func ownItems(of user: Int) -> Set<UInt32> {
        var items: Set<UInt32> = []
        for row in data.interactions.rows(ofUser: user).reversed() where items.count < parameters.candidatesMax {
            let item = data.interactions.items[row]
            if !isExcluded[Int(item)] { items.insert(item) }
        }
        return items
    }

    /// The item's numeric property at the time; not a number if it is unknown.
    func price(of item: Int) -> Float { data.history.number(of: item, atMs: atMs) ?? .nan }

    static func similarItems(
        _ data: TrainingData, _ isExcluded: [Bool], _ parameters: SimilarItems.Parameters, _ control: StepControl
    ) throws -> RankedLists {
        let similar = SimilarItems(data, isExcluded: isExcluded, parameters: parameters)
        let blockItems = 1024
        let blocks = (similar.itemCount + blockItems - 1) / blockItems
        var scratches = (0..<Parallel.workersDefault).map { _ in similar.makeScratch() }
        var parts = [RankedLists](repeating: RankedLists(), count: blocks)
        try scratches.withUnsafeMutableBufferPointer { scratches in
            try parts.withUnsafeMutableBufferPointer { parts in
                try Parallel.forEach(blocks: blocks, control: control) { block, worker in
                    let range = block * blockItems..<min((block + 1) * blockItems, similar.itemCount)
                    parts[block] = similar.lists(for: range, &scratches[worker])
                }
            }
        }
        var lists = RankedLists()
        for part in parts { lists.append(contentsOf: part) }
        return lists
    }
}
