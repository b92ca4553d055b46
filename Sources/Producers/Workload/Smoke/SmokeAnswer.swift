// A gateway's answer as the smoke test reads it, whole and explained.

/// The answer of GET /v1/recommendations/{user_id}?explain=true.
struct SmokeAnswer: Decodable, Sendable {
    struct Touch: Decodable, Sendable {
        let item: String
        let event: String

        private enum CodingKeys: String, CodingKey {
            case event
            case item = "item_id"
        }
    }

    struct Place: Decodable, Sendable {
        let item: String
        let place: Int
        let source: String
        let cause: Touch?

        private enum CodingKeys: String, CodingKey {
            case place, source, cause
            case item = "item_id"
        }
    }

    let generation: Int
    let servedBy: String
    let onlineAsOf: String?
    let isStale: Bool
    let places: [Place]
    let touched: [Touch]

    private enum CodingKeys: String, CodingKey {
        case generation, touched
        case servedBy = "served_by"
        case onlineAsOf = "online_as_of"
        case isStale = "stale"
        case places = "recommendations"
    }

    /// The items of one source, in the order of their places.
    func items(from source: String) -> [String] { places.filter { $0.source == source }.map(\.item) }

    /// For people.
    func lines(shown: Int) -> [String] {
        var lines = ["generation \(generation), served by \(servedBy), online as of \(onlineAsOf ?? "never")"]
        let widths = (item: places.prefix(shown).map(\.item.count).max() ?? 0, source: 7)
        for place in places.prefix(shown) {
            func padded(_ text: String, _ width: Int) -> String {
                text + String(repeating: " ", count: max(0, width - text.count))
            }
            let number = String(repeating: " ", count: place.place < 10 ? 2 : 1) + "\(place.place)"
            var line = "\(number)  \(padded(place.source, widths.source))  "
            if let cause = place.cause {
                line += "\(padded(place.item, widths.item))  because of \(cause.event) \(cause.item)"
            } else {
                line += place.item
            }
            lines.append(line)
        }
        let counts = ["online", "offline", "popular"].map { "\(items(from: $0).count) \($0)" }
        return lines + [" …  \(places.count) in all: \(counts.joined(separator: ", "))"]
    }
}
