// The lists that users got last, as the gateway writes them down for the features consumer.

import Models
package import Ranking
import Redis

/// Remembers lists that were served.
package struct ServedListStore: Sendable {
    /// How many lists of a user are kept: the one that an event answers is seldom the newest, since the page behind a click
    /// asks for its own list before the click's event is applied.
    package static let listsMax = 4
    /// Ids of scored events that are kept for a user.
    package static let scoredMax = 64

    private let client: RedisClient

    init(client: RedisClient) { self.client = client }

    /// Remembers lists, each served so many milliseconds ago, in one pipeline; how many of them Redis took.
    package func put(
        _ lists: [(list: ServedList, ageMs: Int)], ttlSeconds: Int, deadlineMs: Int
    ) async -> Int {
        let calls = lists.map { list, ageMs in
            // Twice is not once: a repeated call would push an older list out.
            FCALL(
                "served_put", keys: [Keys.served(list.user)],
                arguments: [
                    .integer(ageMs), .bytes(Self.text(list)), .integer(Self.listsMax), .integer(ttlSeconds),
                ])
        }
        return await client.pipelineResults(calls, deadlineMs: deadlineMs).count { result in
            if case .success = result { true } else { false }
        }
    }

    /// `<blend> <generation> <new|any> <item>:<source> …`
    static func text(_ list: ServedList) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(32 + ServedList.placesMax * 16)
        text += "\(list.blend.rawValue) \(list.generation) \(list.isOfNewItems ? "new" : "any")".utf8
        for place in list.places.prefix(ServedList.placesMax) {
            text.append(UInt8(ascii: " "))
            place.item.append(to: &text)
            text.append(UInt8(ascii: ":"))
            text += place.source.rawValue.utf8
        }
        return text
    }
}
