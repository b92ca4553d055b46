// What tasks of a test share.

import Synchronization

/// A count.
final class Counter: Sendable {
    private let value = Atomic(0)
    func add(_ count: Int = 1) { value.add(count, ordering: .relaxed) }
    var count: Int { value.load(ordering: .relaxed) }
}

/// Goes off once, and tells loops to end.
final class Switch: Sendable {
    private let value = Atomic(true)
    var isOn: Bool { value.load(ordering: .relaxed) }
    func turnOff() { value.store(false, ordering: .relaxed) }
}
