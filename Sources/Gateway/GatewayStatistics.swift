// What the gateway counts: the cells of its metrics, which /v1/stats and the classic routes read too. Every answer adds to a
// handful of them; none takes a lock.

package import Ranking
import Stores
import Synchronization
import Telemetry

/// Figures since the process started.
package final class GatewayStatistics: Sendable {
    private let full: CounterCell
    private let onlineOnly: CounterCell
    private let offlineOnly: CounterCell
    private let popularOnly: CounterCell
    private let itemsOnline: CounterCell
    private let itemsOffline: CounterCell
    private let itemsPopular: CounterCell
    private let offlineShare: HistogramCell
    private let violations: CounterCell
    private let stale: CounterCell
    private let judged: CounterCell
    private let short: CounterCell
    private let padded: CounterCell
    private let unlisted: CounterCell
    private let failed: CounterCell
    private let refetched: CounterCell
    /// What the classic counts stood at when they were reset; the counts themselves only grow.
    private let classicPersonalAtReset = Atomic(0)
    private let classicPopularAtReset = Atomic(0)

    init(_ metrics: MetricsRegistry) {
        func answers(_ rung: Rung) -> CounterCell {
            metrics.counter(GatewayMetrics.answers, ["served_by": rung.rawValue])
        }
        func items(_ source: Source) -> CounterCell {
            metrics.counter(GatewayMetrics.items, ["source": source.rawValue])
        }
        (full, onlineOnly, offlineOnly, popularOnly) = (
            answers(.full), answers(.online), answers(.offline), answers(.popular)
        )
        (itemsOnline, itemsOffline, itemsPopular) = (items(.online), items(.offline), items(.popular))
        offlineShare = metrics.histogram(GatewayMetrics.offlineShare)
        violations = metrics.counter(GatewayMetrics.parityViolations)
        stale = metrics.counter(GatewayMetrics.staleAnswers)
        judged = metrics.counter(GatewayMetrics.judgedAnswers)
        func poor(_ kind: AnswerTally.Kind) -> CounterCell {
            metrics.counter(GatewayMetrics.poorAnswers, ["kind": kind.rawValue])
        }
        (short, padded, unlisted, failed) = (poor(.short), poor(.padded), poor(.unlisted), poor(.failed))
        refetched = metrics.counter(GatewayMetrics.touchesRefetched)
    }

    /// Answers that were served from a rung of the ladder.
    package func answers(_ rung: Rung) -> Int { counter(rung).total }

    /// Items in answers that came from a list.
    package func items(_ source: Source) -> Int {
        switch source {
        case .online: itemsOnline.total
        case .offline: itemsOffline.total
        case .popular: itemsPopular.total
        }
    }

    /// Answers of the blend `interleave` that broke its rule. Anything but 0 is a defect.
    package var parityViolations: Int { violations.total }

    /// Answers that did not show the event that they were asked to show.
    package var staleAnswers: Int { stale.total }

    /// Answers that count for a generation, and the poor ones among them.
    var tally: AnswerTally {
        AnswerTally(
            answers: judged.total,
            [
                .short: short.total, .padded: padded.total, .unlisted: unlisted.total, .failed: failed.total,
            ])
    }

    /// Touches whose similar items were fetched anew, since they were of another generation than the answer.
    package var touchesRefetched: Int { refetched.total }

    /// Items from personal lists, online or offline, and popular items, since the last reset.
    var classicCounts: (personal: Int, popular: Int) {
        (
            itemsOnline.total + itemsOffline.total - classicPersonalAtReset.load(ordering: .relaxed),
            itemsPopular.total - classicPopularAtReset.load(ordering: .relaxed)
        )
    }

    /// Lets the classic counts start from 0 again.
    func resetClassicCounts() {
        classicPersonalAtReset.store(itemsOnline.total + itemsOffline.total, ordering: .relaxed)
        classicPopularAtReset.store(itemsPopular.total, ordering: .relaxed)
    }

    /// Counts an answer, and holds it against the promise of its blend.
    /// - Parameter wanted: How many places it was to be filled up to; nil if it was not.
    func count(_ answer: Answer, wanted: Int?) {
        counter(answer.rung).increment()
        var online = 0
        var offline = 0
        for place in answer.places {
            switch place.source {
            case .online: online += 1
            case .offline: offline += 1
            case .popular: break
            }
        }
        itemsOnline.increment(by: online)
        itemsOffline.increment(by: offline)
        let popular = answer.places.count - online - offline
        itemsPopular.increment(by: popular)
        if let wanted { judge(answer, wanted: wanted, offline: offline, popular: popular) }
        if !answer.places.isEmpty { offlineShare.record(Double(offline) / Double(answer.places.count)) }
        if answer.isStale { stale.increment() }
        if answer.blend == .interleave, !Parity.holds(answer.places) { violations.increment() }
    }

    /// Counts how poor an answer is, for the generation's sake.
    private func judge(_ answer: Answer, wanted: Int, offline: Int, popular: Int) {
        switch answer.rung {
        case .full:
            judged.increment()
            if answer.places.count < wanted { short.increment() }
            if popular > 0 { padded.increment() }
            if offline == 0, answer.user != nil, answer.blend != .online { unlisted.increment() }
        case .online:
            judged.increment()
            failed.increment()
        // Redis was late or away, which is no generation's fault.
        case .offline, .popular: break
        }
    }

    /// Counts touches that had to be fetched anew.
    func countRefetched(_ touches: Int) { refetched.increment(by: touches) }

    private func counter(_ rung: Rung) -> CounterCell {
        switch rung {
        case .full: full
        case .online: onlineOnly
        case .offline: offlineOnly
        case .popular: popularOnly
        }
    }
}
