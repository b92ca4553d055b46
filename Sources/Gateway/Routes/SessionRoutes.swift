// POST /v1/recommendations/session: recommendations for somebody who is not known, from the items that they looked at.
// Nothing is stored.

import Hummingbird
import Models
import WebService

/// Recommendations for anonymous sessions.
struct SessionRoutes: Sendable {
    private static let known = ["items"] + AnswerOptions.names

    let recommender: Recommender
    let live: LiveGeneration
    let defaults: BlendDefaults
    let types: EventTypes

    /// Adds the route.
    func add(to router: Router<ServiceContext>) {
        router.post("/v1/recommendations/session") { request, context in
            let body = try await BodyReader(request, context, known: Self.known)
            let options = try AnswerOptions(body, defaults: defaults)
            let elements = try body.elements("items", countMax: RequestLimits.sessionItemsMax)
            let touches = try touches(elements)
            let made = try await recommender.answer(
                forSession: touches, options, from: live.required(), trace: context.trace)
            return made.response(context.trace)
        }
    }

    /// The session's distinct items, newest first; the body names them oldest first. Of an item that occurs more than
    /// once the newest event counts, as in the online state.
    private func touches(_ elements: [JSONValue]) throws(Problem) -> [OnlineEntry] {
        guard !elements.isEmpty else {
            throw .invalid("items", "must name at least one item, the newest last")
        }
        var touches: [OnlineEntry] = []
        var seen: Set<ItemID> = []
        for index in elements.indices.reversed() {
            let (item, type) = try touch(elements[index], index: index)
            guard seen.insert(item).inserted else { continue }
            touches.append(OnlineEntry(item: item, timestampMs: 0, id: .zero, type: type, generation: 0, similar: []))
        }
        return touches
    }

    private func touch(_ element: JSONValue, index: Int) throws(Problem) -> (item: ItemID, type: String) {
        var itemText = element.scalarText
        var type = EventTypes.view
        if case .object(let fields) = element {
            itemText = fields["item_id"]?.scalarText
            if let value = fields["event"] { type = value.scalarText ?? "" }
        }
        guard let item = itemText.flatMap({ ItemID($0) }) else {
            throw Self.fault(
                index, "must be an item id (\(IdentifierRule.description)) or an object with item_id and event")
        }
        guard types.weights[type] != nil else {
            throw Self.fault(index, "names an unknown event; known are \(types.names)")
        }
        return (item, type)
    }

    private static func fault(_ index: Int, _ reason: String) -> Problem {
        .badRequest(
            "items.\(index) \(reason)", errors: [Problem.FieldError(field: "items", reason: reason, index: index)])
    }
}
