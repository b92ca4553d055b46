// Small releases for tests, written the way every release is: through ReleaseStore, with true counts and checksums.

package import Models
package import Stores

/// What a release of a test contains.
package struct ReleaseFixture: Sendable {
    package var name: String
    /// user -> items, best first.
    package var offline: [(user: String, items: [String])]
    /// item -> similar items, best first.
    package var similar: [(item: String, items: [String])]
    /// Popular items of the whole catalogue.
    package var popular: [String]
    /// item, available, categories leaf to root by spaces.
    package var items: [(item: String, isAvailable: Bool, categories: String)]

    package init(
        _ name: String, offline: [(user: String, items: [String])] = [],
        similar: [(item: String, items: [String])] = [],
        popular: [String] = ["p1"], items: [(item: String, isAvailable: Bool, categories: String)] = []
    ) {
        self.name = name
        self.offline = offline
        self.similar = similar
        self.popular = popular
        self.items = items
    }

    /// A release whose every item carries `tag` in its name, so that an answer shows which generation it came from.
    package static func tagged(_ tag: String, users: Int = 5, listLength: Int = 20) -> ReleaseFixture {
        let numbers = 1...listLength
        return ReleaseFixture(
            "r-\(tag)", offline: (1...users).map { user in ("u\(user)", numbers.map { "\(tag).o\(user).\($0)" }) },
            similar: (1...10).map { item in ("i\(item)", numbers.map { "\(tag).s\(item).\($0)" }) },
            popular: numbers.map { "\(tag).p\($0)" },
            items: (1...10).map { ("i\($0)", true, "c1 root") })
    }

    /// The text of each file.
    package var texts: [ReleaseList: String] {
        func rows(_ lists: [(String, [String])]) -> String {
            lists.flatMap { key, items in
                items.enumerated().map { place, item in "\(key),\(item),\(1.0 / Float(place + 1))\n" }
            }.joined()
        }
        return [
            .offline: "user_id,item_id,score\n" + rows(offline.map { ($0.user, $0.items) }),
            .similar: "item_id,similar_item_id,score\n" + rows(similar.map { ($0.item, $0.items) }),
            .popular: "category,item_id,score\n" + rows(popular.isEmpty ? [] : [("", popular)]),
            .items: "item_id,available,categories\n"
                + items.map { "\($0.item),\($0.isAvailable ? 1 : 0),\($0.categories)\n" }.joined(),
        ]
    }

    /// Writes the release's files and returns its manifest, which is not written yet.
    package func write(to store: ReleaseStore) async throws -> ReleaseManifest {
        let lists: [ReleaseList: Int] = [
            .offline: offline.count, .similar: similar.count, .popular: popular.isEmpty ? 0 : 1, .items: items.count,
        ]
        var files: [ReleaseList: ReleaseFile] = [:]
        for (list, text) in texts {
            files[list] = try await store.write("\(list.rawValue).csv.gz", of: name) { writer in
                let rows = text.split(separator: "\n").count - 1
                try await writer.write(Array(text.utf8), rows: rows, lists: lists[list] ?? 0)
            }
        }
        return ReleaseManifest(
            release: name, createdAtMs: 1_700_000_000_000, producer: "a test", trainedThroughMs: nil, files: files,
            parameters: [:], metrics: [:])
    }

    /// Writes the whole release.
    package func publish(to store: ReleaseStore) async throws {
        try await store.publish(try await write(to: store))
    }
}
