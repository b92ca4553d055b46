// Reading the lists of a generation. Every read names its generation; the pointer is somebody else's business.

package import Models
package import NIOCore
package import Redis

/// What a user's recommendations are made from, read in one round trip.
package struct UserState: Sendable {
    /// The user's touches, newest first; nil if the online side failed.
    package let online: [OnlineEntry]?
    /// The user's offline list; empty for a user without one, nil if the offline side failed.
    package let offline: [ScoredItem]?

    package init(online: [OnlineEntry]?, offline: [ScoredItem]?) {
        self.online = online
        self.offline = offline
    }
}

/// An item as a generation's catalogue knows it.
package struct CatalogueItem: Sendable, Hashable {
    /// Whether it may be recommended.
    package let isAvailable: Bool
    /// Its categories, leaf first, root last.
    package let categories: [String]

    package init(isAvailable: Bool, categories: [String]) {
        self.isAvailable = isAvailable
        self.categories = categories
    }

    /// Reads `available=1 categories=leaf,…,root`.
    init(text: String) {
        var isAvailable = true
        var categories: [String] = []
        for word in text.split(separator: " ") {
            if word == "available=0" { isAvailable = false }
            if word.hasPrefix("categories=") { categories = word.dropFirst(11).split(separator: ",").map(String.init) }
        }
        self.init(isAvailable: isAvailable, categories: categories)
    }

    /// The form in Redis.
    var text: String { "available=\(isAvailable ? 1 : 0) categories=\(categories.joined(separator: ","))" }
}

/// Reads lists by generation.
package struct GenerationLists: Sendable {
    private let client: RedisClient

    package init(client: RedisClient) { self.client = client }

    /// Online state and offline list of a user, in one round trip. A side that fails is nil; if both fail the error is thrown.
    /// - Parameter listsMax: How many touches, the newest, come with their similar items; the others have empty lists.
    package func state(
        of user: UserID, generation: Int, listsMax: Int = .max, deadlineMs: Int
    ) async throws -> UserState {
        let (online, offline) = await client.readHashAndString(
            hash: Keys.online(user), string: Keys.offline(generation, user), deadlineMs: deadlineMs)
        if case .failure(let error) = online, case .failure = offline { throw StoreError.mapped(error) }
        return UserState(
            online: (try? online.map { OnlineStore.read($0, listsMax: listsMax) }.get()),
            offline: (try? offline.map(Self.list).get()))
    }

    /// A user's offline list; empty for a user without one.
    package func offline(of user: UserID, generation: Int, deadlineMs: Int? = nil) async throws -> [ScoredItem] {
        try await StoreError.mapping {
            Self.list(try await client.send(GET(Keys.offline(generation, user)), deadlineMs: deadlineMs))
        }
    }

    /// How many of some users have an offline list.
    package func offlineCount(among users: [UserID], generation: Int) async throws -> Int {
        guard !users.isEmpty else { return 0 }
        return try await StoreError.mapping {
            try await client.send(EXISTS(users.map { Keys.offline(generation, $0) }))
        }
    }

    /// The offline lists of some users, in the order asked for; empty for a user without one.
    package func offline(of users: [UserID], generation: Int) async throws -> [[ScoredItem]] {
        guard !users.isEmpty else { return [] }
        return try await StoreError.mapping {
            try await client.send(MGET(users.map { Keys.offline(generation, $0) })).map(Self.list)
        }
    }

    /// Some users who have an offline list and no online state. Looks at no more than about `scannedMax` keys.
    package func usersWithoutTouches(
        generation: Int, countMax: Int, scannedMax: Int = 1_000_000
    ) async throws -> [UserID] {
        try await StoreError.mapping {
            var users: [UserID] = []
            var cursor = "0"
            var scanned = 0
            repeat {
                let page = try await client.send(
                    SCAN(cursor: cursor, pattern: Keys.offlinePattern(generation), count: 1000))
                for key in page.keys {
                    // The user stands in the braces.
                    guard let user = UserID(key.drop { $0 != "{" }.dropFirst().dropLast()), !users.contains(user),
                        try await client.send(EXISTS(Keys.online(user))) == 0
                    else { continue }
                    users.append(user)
                    if users.count == countMax { return users }
                }
                scanned += 1000
                cursor = page.cursor
            } while cursor != "0" && scanned < scannedMax
            return users
        }
    }

    /// The lists of similar items as text, in the order asked for; nil for an item without one.
    package func similarText(
        _ items: [ItemID], generation: Int, deadlineMs: Int? = nil
    ) async throws -> [ByteBuffer?] {
        guard !items.isEmpty else { return [] }
        return try await StoreError.mapping {
            try await client.send(MGET(items.map { Keys.similar(generation, $0) }), deadlineMs: deadlineMs)
        }
    }

    /// The lists of similar items, in the order asked for; empty for an item without one.
    package func similar(
        _ items: [ItemID], generation: Int, deadlineMs: Int? = nil
    ) async throws -> [[ScoredItem]] {
        try await similarText(items, generation: generation, deadlineMs: deadlineMs).map(Self.list)
    }

    /// Popular items of the catalogue, or of one category; empty for an unknown category.
    package func popular(generation: Int, category: String?, deadlineMs: Int? = nil) async throws -> [ScoredItem] {
        try await StoreError.mapping {
            Self.list(try await client.send(GET(Keys.popular(generation, category: category)), deadlineMs: deadlineMs))
        }
    }

    /// Catalogue entries, in the order asked for; nil for an unknown item.
    package func catalogue(
        _ items: [ItemID], generation: Int, deadlineMs: Int? = nil
    ) async throws -> [CatalogueItem?] {
        guard !items.isEmpty else { return [] }
        return try await StoreError.mapping {
            try await client.send(MGET(items.map { Keys.item(generation, $0) }), deadlineMs: deadlineMs)
                .map { $0.map { CatalogueItem(text: String(buffer: $0)) } }
        }
    }

    static func list(_ bytes: ByteBuffer?) -> [ScoredItem] {
        guard let bytes else { return [] }
        var items: [ScoredItem] = []
        items.reserveCapacity(bytes.readableBytes / 10)
        ItemListText.read(bytes.readableBytesUInt8Span, into: &items)
        return items
    }
}
