// What tasks of a test share.

import Synchronization

/// A count.
final class Counter: Sendable {
    private let value = Atomic(0)
    func add(_ count: Int = 1) { value.add(count, ordering: .relaxed) }
    var count: Int { value.load(ordering: .relaxed) }
}

/// Runs `client` for each seed beside `body`, and turns `goesOn` off when that ends, however it does.
func running(
    seeds: [UInt64], while goesOn: Switch, _ client: @escaping @Sendable (UInt64) async -> Void,
    beside body: () async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for seed in seeds { group.addTask { await client(seed) } }
        defer { goesOn.turnOff() }
        try await body()
    }
}

/// Goes off once, and tells loops to end.
final class Switch: Sendable {
    private let value = Atomic(true)
    var isOn: Bool { value.load(ordering: .relaxed) }
    func turnOff() { value.store(false, ordering: .relaxed) }
}
