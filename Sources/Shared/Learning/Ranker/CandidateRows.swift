// Candidates of some users with their features: what the ranker is trained on and what it scores.

/// Candidates, user after user.
struct CandidateRows: Sendable {
    private(set) var users: [Int] = []
    /// How many candidates each user has.
    private(set) var counts: [Int] = []
    private(set) var items: [UInt32] = []
    private(set) var features = FeatureMatrix(names: CandidateFeatures.names)

    /// Adds a user's candidates.
    mutating func append(user: Int, items: [UInt32], features: FeatureMatrix) {
        users.append(user)
        counts.append(items.count)
        self.items.append(contentsOf: items)
        self.features.append(contentsOf: features)
    }
}

extension CandidateSources {
    /// The candidates of users, each user's in the order of their indexes; users without a history have none.
    /// - Throws: CancellationError.
    func candidates(of users: [Int], control: StepControl) throws -> CandidateRows {
        let most = parameters.candidatesMax
        let encoded = try autoencoder?.lists(
            for: users, of: recent, itemsMax: most, isExcluded: isExcluded, seen: seen, control: control)
        let factored = try TopItems(items: factors.items, isExcluded: isExcluded).lists(
            for: users, of: factors.users, itemsMax: most, seen: seen, control: control)
        var parts = [(items: [UInt32], features: FeatureMatrix)?](repeating: nil, count: users.count)
        var scratches = (0..<Parallel.workersDefault).map { _ in similar.makeScratch() }
        try scratches.withUnsafeMutableBufferPointer { scratches in
            try parts.withUnsafeMutableBufferPointer { parts in
                try Parallel.forEachRange(
                    of: users.count, by: 16, workers: Parallel.workersDefault, control: control
                ) { range, worker in
                    for index in range {
                        let features = CandidateFeatures(
                            sources: self, user: users[index], encoded: encoded?[index] ?? [],
                            factored: factored[index], &scratches[worker])
                        parts[index] = features.rows()
                    }
                }
            }
        }
        var rows = CandidateRows()
        for (user, part) in zip(users, parts) {
            if let part, !part.items.isEmpty { rows.append(user: user, items: part.items, features: part.features) }
        }
        return rows
    }
}
