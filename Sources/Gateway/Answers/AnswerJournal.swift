// Test mode: every answer as a person reads it, with the events that were seen, the lists that were used, and the places
// with their sources. For looking at a few requests; without it, an answer costs one comparison more.

import Models
import Ranking
import Telemetry

/// Writes answers down.
struct AnswerJournal: Sendable {
    /// Items of a list that are shown; its length is said.
    private static let itemsShown = 10

    private let file: JournalFile

    init(_ file: JournalFile) { self.file = file }

    /// Writes one answer down.
    /// - Parameters:
    ///   - touches: what the user touched, newest first, with the similar items that the answer used.
    ///   - touchesUsed: how many of them counted, at most.
    ///   - offline: the user's offline list; nil if it could not be read.
    func note(_ answer: Answer, touches: [OnlineEntry], touchesUsed: Int, offline: [ScoredItem]?) {
        file.append(
            Self.entry(
                answer, touches: touches, touchesUsed: touchesUsed, offline: offline, nowMs: UTCTime.nowMs()))
    }

    static func entry(
        _ answer: Answer, touches: [OnlineEntry], touchesUsed: Int, offline: [ScoredItem]?, nowMs: Int64
    ) -> String {
        var lines = [
            "\(UTCTime.text(milliseconds: nowMs)) \(answer.user.map { "user \($0)" } ?? "anonymous session"): "
                + "\(answer.places.count) places by \(answer.blend.rawValue), generation "
                + "\(answer.generation.generation), served by \(answer.rung.rawValue), online as of "
                + "\(answer.onlineAsOf?.description ?? "never")\(answer.isStale ? ", STALE" : "")"
        ]
        lines.append("  events seen, newest first: \(touches.isEmpty ? "none" : "\(touches.count)")")
        for (index, touch) in touches.enumerated() {
            let time = touch.id == .zero ? "" : " at \(UTCTime.text(milliseconds: touch.timestampMs)) (\(touch.id))"
            let use = index < touchesUsed ? list(touch.similar) : "not used"
            lines.append("    \(touch.type) \(touch.item)\(time): \(use)")
        }
        lines.append("  offline list: \(offline.map(list) ?? "could not be read")")
        lines.append("  popular items: \(list(answer.generation.popular))")
        lines.append("  places")
        for (index, place) in answer.places.enumerated() {
            lines.append("    \(index + 1) \(place.source.rawValue) \(place.item): \(reason(place, touches))")
        }
        return lines.joined(separator: "\n") + "\n\n"
    }

    private static func reason(_ place: Place, _ touches: [OnlineEntry]) -> String {
        guard let cause = place.cause, touches.indices.contains(cause) else {
            return "number \(place.sourcePlace) of its list"
        }
        let similarity = place.similarity.map { ", similarity \($0)" } ?? ""
        return "because of \(touches[cause].type) \(touches[cause].item)\(similarity)"
    }

    private static func list(_ items: some Collection<ScoredItem>) -> String {
        guard !items.isEmpty else { return "empty" }
        let shown = items.prefix(itemsShown).map { "\($0.item):\($0.score)" }.joined(separator: " ")
        return "\(items.count) items, \(shown)\(items.count > itemsShown ? " …" : "")"
    }
}
