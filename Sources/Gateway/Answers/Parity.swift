// The promise of the blend `interleave`, judged from an answer alone: every answer is held against it before it is sent.

import Ranking

/// Odd places online, even places offline, until a side has run out.
enum Parity {
    /// Whether an answer keeps the rule. A side that is missing from a place of its own has run out, so it must not
    /// come back; once a popular item stands in the answer, both have.
    static func holds(_ places: [Place]) -> Bool {
        var hasOnlineEnded = false
        var hasOfflineEnded = false
        var isOdd = true
        for place in places {
            switch place.source {
            case .online:
                if hasOnlineEnded { return false }
                if !isOdd { hasOfflineEnded = true }
            case .offline:
                if hasOfflineEnded { return false }
                if isOdd { hasOnlineEnded = true }
            case .popular:
                hasOnlineEnded = true
                hasOfflineEnded = true
            }
            isOdd.toggle()
        }
        return true
    }
}
