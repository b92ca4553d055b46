// One user's candidates and what the ranker is told about each. Every number is from before the time of the sources.

import CKernels

/// Makes a user's rows.
struct CandidateFeatures {
    /// The columns, in the order in which rows are written.
    static let names =
        [
            "autoencoder", "autoencoder_place", "factors", "factors_place", "similar", "similar_place", "users_7d",
            "users_14d", "users_28d", "users_56d", "users_ever", "popular_place", "rise_7d", "rise_14d", "rise_28d",
            "item_first_days", "item_last_days", "item_repeats", "item_carted", "item_bought", "item_price",
            "item_price_to_user", "user_touches", "user_items", "user_items_28d", "user_last_days", "user_carted",
            "own_touches", "own_last_days",
        ]
        + ["own", "parent", "root"].flatMap { level in
            ["category_\(level)_share", "category_\(level)_recent", "category_\(level)_lift"]
        }

    private let sources: CandidateSources
    private let user: Int
    /// The candidates, ascending.
    private let items: [UInt32]
    /// Scores by place in `items`; not a number where a source says nothing.
    private let encoded: [Float]
    private let factored: [Float]
    private let similar: [Float]

    init(
        sources: CandidateSources, user: Int, encoded: ArraySlice<ScoredItem>, factored: ArraySlice<ScoredItem>,
        _ scratch: inout OfflineLists.Scratch
    ) {
        self.sources = sources
        self.user = user
        var similarScores: [UInt32: Float] = [:]
        sources.similar.forEachList(of: user..<user + 1, &scratch) { _, list in
            for entry in list where !sources.isExcluded[Int(entry.item)] { similarScores[entry.item] = entry.score }
        }
        var items = Set(encoded.map(\.item))
        items.formUnion(factored.lazy.map(\.item))
        items.formUnion(similarScores.keys)
        if sources.parameters.recommendsTouched { items.formUnion(sources.ownItems(of: user)) }
        var wanted = sources.parameters.candidatesMax
        for item in sources.popular where wanted > 0 {
            guard !sources.isExcluded[Int(item)], !sources.seen.contains(row: user, column: item) else { continue }
            items.insert(item)
            wanted -= 1
        }
        self.items = items.sorted()
        self.encoded =
            sources.autoencoder?.scores(of: sources.recent, row: user, items: self.items)
            ?? self.items.map { _ in .nan }
        let width = sources.factors.items.columnCount
        let own = Array(sources.factors.users[user])
        self.factored = self.items.map { item in
            sources.factors.items.values.withUnsafeBufferPointer { values in
                guard let start = values.baseAddress else { return .nan }
                return kernels_dot(own, start + Int(item) * width, width)
            }
        }
        similar = self.items.map { similarScores[$0] ?? .nan }
    }

    /// The candidates and their rows.
    func rows() -> (items: [UInt32], features: FeatureMatrix) {
        let table = sources.data.interactions
        let profile = UserProfile(user, table, sources)
        let encodedPlaces = Self.places(encoded)
        let factoredPlaces = Self.places(factored)
        let similarPlaces = Self.places(similar)
        var features = FeatureMatrix(names: Self.names)
        var row: [Float] = []
        for (place, item) in items.enumerated() {
            row.removeAll(keepingCapacity: true)
            row.append(encoded[place])
            row.append(encodedPlaces[place])
            row.append(factored[place])
            row.append(factoredPlaces[place])
            row.append(similar[place])
            row.append(similarPlaces[place])
            appendItem(Int(item), to: &row)
            let price = sources.price(of: Int(item))
            row.append(price)
            row.append(price / profile.price)
            row.append(profile.touches)
            row.append(profile.items)
            row.append(profile.itemsRecent)
            row.append(profile.lastDays)
            row.append(profile.carted)
            let own = sources.parameters.recommendsTouched ? profile.own[item] : nil
            row.append(own?.touches ?? 0)
            row.append(own?.lastDays ?? .nan)
            for level in 0..<ItemCategories.levels {
                let category = sources.categories.byLevel[level][Int(item)]
                let everybody = category < 0 ? 0 : sources.categories.shares[level][Int(category)]
                let affinity = profile.affinity(level: level, category: category, everybody: everybody)
                row.append(affinity.share)
                row.append(affinity.recent)
                row.append(affinity.lift)
            }
            features.append(row)
        }
        return (items, features)
    }

    private func appendItem(_ item: Int, to row: inout [Float]) {
        let activity = sources.activity
        for users in activity.users { row.append(users[item]) }
        let (week, twoWeeks, fourWeeks) = (activity.users[0][item], activity.users[1][item], activity.users[2][item])
        let ever = activity.users[4][item]
        row.append(sources.popularPlaces[item])
        row.append((week + 1) / (fourWeeks / 4 + 1))
        row.append((twoWeeks + 1) / (activity.usersBefore[item] + 1))
        row.append((fourWeeks + 1) / (ever + 1))
        row.append(activity.firstDays[item])
        row.append(activity.lastDays[item])
        row.append(activity.touches[item] / max(ever, 1))
        // Shrunk towards none by what four touches say: one bought of one is no certainty.
        row.append(activity.carted[item] / (activity.touches[item] + 4))
        row.append(activity.bought[item] / (activity.touches[item] + 4))
    }

    /// Each score's place among the scores, from 0, the largest first; not a number for what is none.
    private static func places(_ scores: [Float]) -> [Float] {
        var places = [Float](repeating: .nan, count: scores.count)
        let order = scores.indices.filter { !scores[$0].isNaN }.sorted { left, right in
            scores[left] != scores[right] ? scores[left] > scores[right] : left < right
        }
        for (place, index) in order.enumerated() { places[index] = Float(place) }
        return places
    }
}
