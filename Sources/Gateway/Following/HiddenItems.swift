// Follows the set of items that somebody switched off. Every answer asks it, so it is kept whole in process memory.

import Logging
import Models
import ServiceLifecycle
import Stores
import Synchronization

/// Holds the hidden items.
final class HiddenItems: Service {
    private static let pollMs = 2000

    private struct State {
        /// Nil until they have been read once.
        var items: Set<ItemID>?
        var refreshBegun = 0
        var refreshApplied = 0
    }

    private let stores: RedisStores
    private let logger: Logger
    private let state = Mutex(State())

    init(stores: RedisStores, logger: Logger) {
        self.stores = stores
        self.logger = logger
    }

    /// The hidden items; nil before they could be read.
    var items: Set<ItemID>? { state.withLock { $0.items } }

    /// Follows the set until shut down.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            await self.stores.watch.follow(.hidden, pollMs: Self.pollMs, self.logger) { await self.refresh() }
        }
    }

    /// Reads the set; while that fails, the last one stays.
    func refresh() async {
        let number = state.withLock { state in
            state.refreshBegun += 1
            return state.refreshBegun
        }
        guard let items = try? await stores.hidden.all() else { return }
        state.withLock { state in
            guard number > state.refreshApplied else { return }
            state.refreshApplied = number
            state.items = items
        }
    }
}
