// What the gateway counts. Plain atomics: every answer adds to a handful of them.

package import Ranking
import Synchronization

/// Figures since the process started.
package final class GatewayStatistics: Sendable {
    private let full = Counter()
    private let onlineOnly = Counter()
    private let offlineOnly = Counter()
    private let popularOnly = Counter()
    private let itemsOnline = Counter()
    private let itemsOffline = Counter()
    private let itemsPopular = Counter()
    private let violations = Counter()
    private let stale = Counter()
    private let refetched = Counter()
    /// What the classic counts stood at when they were reset; the counts themselves only grow.
    private let classicPersonalAtReset = Counter()
    private let classicPopularAtReset = Counter()

    init() {}

    /// Answers that were served from a rung of the ladder.
    package func answers(_ rung: Rung) -> Int { counter(rung).total }

    /// Items in answers that came from a list.
    package func items(_ source: Source) -> Int { counter(source).total }

    /// Answers of the blend `interleave` that broke its rule. Anything but 0 is a defect.
    package var parityViolations: Int { violations.total }

    /// Answers that did not show the event that they were asked to show.
    package var staleAnswers: Int { stale.total }

    /// Touches whose similar items were fetched anew, since they were of another generation than the answer.
    package var touchesRefetched: Int { refetched.total }

    /// Items from personal lists, online or offline, and popular items, since the last reset.
    var classicCounts: (personal: Int, popular: Int) {
        (
            itemsOnline.total + itemsOffline.total - classicPersonalAtReset.total,
            itemsPopular.total - classicPopularAtReset.total
        )
    }

    /// Lets the classic counts start from 0 again.
    func resetClassicCounts() {
        classicPersonalAtReset.set(itemsOnline.total + itemsOffline.total)
        classicPopularAtReset.set(itemsPopular.total)
    }

    /// Counts an answer, and holds it against the promise of its blend.
    func count(_ answer: Answer) {
        counter(answer.rung).add(1)
        var online = 0
        var offline = 0
        for place in answer.places {
            switch place.source {
            case .online: online += 1
            case .offline: offline += 1
            case .popular: break
            }
        }
        itemsOnline.add(online)
        itemsOffline.add(offline)
        itemsPopular.add(answer.places.count - online - offline)
        if answer.isStale { stale.add(1) }
        if answer.blend == .interleave, !Parity.holds(answer.places) { violations.add(1) }
    }

    /// Counts touches that had to be fetched anew.
    func countRefetched(_ touches: Int) { refetched.add(touches) }

    private func counter(_ rung: Rung) -> Counter {
        switch rung {
        case .full: full
        case .online: onlineOnly
        case .offline: offlineOnly
        case .popular: popularOnly
        }
    }

    private func counter(_ source: Source) -> Counter {
        switch source {
        case .online: itemsOnline
        case .offline: itemsOffline
        case .popular: itemsPopular
        }
    }
}

/// A number that many requests add to.
private final class Counter: Sendable {
    private let value = Atomic(0)

    var total: Int { value.load(ordering: .relaxed) }

    func add(_ count: Int) {
        if count > 0 { value.add(count, ordering: .relaxed) }
    }

    func set(_ count: Int) { value.store(count, ordering: .relaxed) }
}
