// An interaction, as the rest of the system knows it after validation. EventFields.swift reads it from a stream entry.

/// One interaction of one user with one item.
package struct Event: Hashable, Sendable {
    /// Who.
    package let user: UserID
    /// With what.
    package let item: ItemID
    /// How: `view`, `addtocart`, `transaction`, or a type added by configuration.
    package let type: String
    /// Unix time of the interaction in milliseconds; nil until the stream's own clock fills it in.
    package let timestampMs: Int64?
    /// The producer's own id, by which a repeated entry is recognised.
    package let eventID: String?

    package init(
        user: UserID, item: ItemID, type: String = EventTypes.view, timestampMs: Int64? = nil, eventID: String? = nil
    ) {
        self.user = user
        self.item = item
        self.type = type
        self.timestampMs = timestampMs
        self.eventID = eventID
    }
}

/// The event types that are accepted, and what each is worth in the online order.
package struct EventTypes: Sendable, Equatable {
    /// The type of an event that names none.
    package static let view = "view"

    /// The three types of a RetailRocket log. A cart or a purchase says more about a user's intent than a view.
    package static let standard = EventTypes(weights: [view: 1, "addtocart": 2, "transaction": 3])

    /// Weight by type name.
    package let weights: [String: Double]

    package init(weights: [String: Double]) { self.weights = weights }

    /// The weight of a type; 1 for a type that has been removed from the configuration since.
    package func weight(of type: String) -> Double { weights[type] ?? 1 }

    /// The accepted names, for messages.
    package var names: String { weights.keys.sorted().joined(separator: ", ") }
}

/// An event in its place on the stream.
package struct StreamedEvent: Hashable, Sendable {
    /// The entry's id.
    package let id: StreamID
    /// The interaction.
    package let event: Event
    /// When it counts as having happened, Unix ms: the producer's time, or the stream's where there is none or it lies ahead.
    package let effectiveMs: Int64
    /// Whether the producer's time lay too far ahead of the stream's and was pulled back.
    package let isClamped: Bool

    /// How far a producer's clock may run ahead of Redis's before it is pulled back.
    package static let clockSkewMaxMs: Int64 = 5 * 60 * 1000

    /// Judged against the stream's own clock, not against now: a replay must come to the same answer.
    package init(id: StreamID, event: Event) {
        self.id = id
        self.event = event
        let arrivedMs = Int64(clamping: id.milliseconds)
        let claimedMs = event.timestampMs ?? arrivedMs
        let latestMs = arrivedMs.addingReportingOverflow(Self.clockSkewMaxMs).partialValue
        isClamped = claimedMs > latestMs
        effectiveMs = isClamped ? arrivedMs : claimedMs
    }
}
