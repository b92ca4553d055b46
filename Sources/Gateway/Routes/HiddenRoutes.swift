// Administration of hidden items: /v1/hidden. What is hidden is gone from this gateway's answers with the response, and
// from the others' as soon as they hear the bell.

import Hummingbird
import Models
import Stores
import WebService

/// Shows, hides and shows again.
struct HiddenRoutes: Sendable {
    let store: HiddenStore
    let hidden: HiddenItems
    let admin: AdminGuard

    /// Adds the routes.
    func add(to router: Router<ServiceContext>) {
        router.get("/v1/hidden") { request, _ in
            try admin.check(request)
            _ = try QueryReader(request, known: [])
            let items = try await Problem.mapping { try await store.all() }
            return Self.response(items)
        }
        router.post("/v1/hidden") { request, context in
            try admin.check(request)
            let body = try await BodyReader(request, context, known: ["items"])
            let items = try Self.checked(body.texts("items", countMax: RequestLimits.hiddenItemsMax))
            let changed = try await Problem.mapping { try await store.hide(items) }
            await hidden.refresh()
            return Self.response(changed: changed, "hidden")
        }
        // Bodies of DELETE requests get lost on the way, so the items stand in the query.
        router.delete("/v1/hidden") { request, _ in
            try admin.check(request)
            let query = try QueryReader(request, known: ["items"])
            let items = try Self.checked(query.words("items", countMax: RequestLimits.hiddenItemsMax))
            let changed = try await Problem.mapping { try await store.show(items) }
            await hidden.refresh()
            return Self.response(changed: changed, "shown")
        }
    }

    private static func checked(_ words: [some StringProtocol]) throws(Problem) -> [ItemID] {
        guard !words.isEmpty else { throw .invalid("items", "must name at least one item") }
        return try ItemWords.read(words, field: "items")
    }

    private static func response(_ items: Set<ItemID>) -> Response {
        var writer = JSONWriter(capacity: 32 + items.count * 16)
        writer.object { writer in
            writer.key("items")
            writer.array { writer in
                for item in items.sorted() { writer.plainString(item.text) }
            }
        }
        return .json(writer)
    }

    private static func response(changed: Int, _ name: String) -> Response {
        var writer = JSONWriter(capacity: 32)
        writer.object { $0.field(name, changed) }
        return .json(writer)
    }
}
