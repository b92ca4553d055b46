// Follows the set of items that somebody switched off. Every answer asks it, so it is kept whole in process memory.

import Logging
import Models
import ServiceLifecycle
import Stores
import Synchronization

/// Holds the hidden items.
final class HiddenItems: Service {
    private static let pollMs = 2000

    private let stores: RedisStores
    private let logger: Logger
    private let state = Mutex(NewestRead<Set<ItemID>>())

    init(stores: RedisStores, logger: Logger) {
        self.stores = stores
        self.logger = logger
    }

    /// The hidden items; nil before they could be read.
    var items: Set<ItemID>? { state.withLock { $0.value } }

    /// Follows the set until shut down.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            await self.stores.watch.follow(.hidden, pollMs: Self.pollMs, self.logger) { await self.refresh() }
        }
    }

    /// Reads the set; while that fails, the last one stays.
    func refresh() async {
        let number = state.withLock { $0.begin() }
        guard let items = try? await stores.hidden.all() else { return }
        state.withLock { _ = $0.apply(items, read: number) }
    }
}
