// Remembers what a progress callback heard.

import Synchronization

final class Progress: Sendable {
    private let heard = Mutex<[Int]>([])

    func record(_ rows: Int) { heard.withLock { $0.append(rows) } }

    var last: Int? { heard.withLock { $0.last } }

    var isRising: Bool { heard.withLock { $0 == $0.sorted() } }
}
