// The promise, checked from outside: what each place must hold follows from the two sides' own lists, by a blend written
// here a second time and in the plainest way.

/// What an answer must be.
struct SmokePromise: Sendable {
    /// How many places.
    let count: Int
    /// The user's online items and offline items as the gateway answers them alone, best first.
    let online: [String]
    let offline: [String]
    /// Whether there must be items of that side at all.
    let wantsOnline: Bool
    let wantsOffline: Bool
    /// The event that must show; nil if there was none.
    var after: String?
    /// What the request left out.
    var excluded: Set<String> = []

    /// What is wrong with an answer, in words; empty if it is as promised.
    func faults(of answer: SmokeAnswer) -> [String] {
        var faults: [String] = []
        let items = answer.places.map(\.item)
        let touched = Set(answer.touched.map(\.item))
        if items.count != count { faults.append("has \(items.count) places instead of \(count)") }
        if Set(items).count != items.count { faults.append("names an item twice") }
        if let item = items.first(where: touched.contains) { faults.append("names \(item), which was just touched") }
        if let item = items.first(where: excluded.contains) { faults.append("names \(item), which was excluded") }
        if answer.places.map(\.place) != items.indices.map({ $0 + 1 }) {
            faults.append("numbers its places wrongly")
        }
        if answer.servedBy != "full" { faults.append("is served by \(answer.servedBy)") }
        if answer.isStale { faults.append("does not show the event") }
        if let after, answer.onlineAsOf != after {
            faults.append("is as of \(answer.onlineAsOf ?? "never"), not of \(after)")
        }
        for (source, list, isWanted) in [("online", online, wantsOnline), ("offline", offline, wantsOffline)] {
            if isWanted, answer.items(from: source).isEmpty { faults.append("has no \(source) items") }
            if !isWanted, !answer.items(from: source).isEmpty { faults.append("has \(source) items") }
            if isWanted, list.isEmpty { faults.append("comes from an empty \(source) list") }
        }
        return faults + parityFaults(of: answer)
    }

    /// Odd places take the next unused online item, even places the next unused offline item; a side that has run out
    /// is replaced by the other, then by popular items.
    private func parityFaults(of answer: SmokeAnswer) -> [String] {
        var used = excluded
        func next(_ list: [String], _ source: String) -> (item: String, source: String)? {
            list.first { !used.contains($0) }.map { ($0, source) }
        }
        for place in answer.places {
            let isOdd = !place.place.isMultiple(of: 2)
            let (onlineNext, offlineNext) = (next(online, "online"), next(offline, "offline"))
            let wanted = isOdd ? onlineNext ?? offlineNext : offlineNext ?? onlineNext
            let found = "place \(place.place) has the \(place.source) item \(place.item)"
            if let wanted, (wanted.item, wanted.source) != (place.item, place.source) {
                return ["\(found) where the \(wanted.source) item \(wanted.item) is due"]
            }
            if wanted == nil, place.source != "popular" { return ["\(found) although both lists have run out"] }
            used.insert(place.item)
        }
        return []
    }
}
