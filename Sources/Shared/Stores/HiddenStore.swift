// Items that a person switched off. Checked for every answer, whatever list an item comes from.

package import Models
import NIOCore
package import Redis

/// The set of hidden items.
package struct HiddenStore: Sendable {
    private let client: RedisClient

    package init(client: RedisClient) { self.client = client }

    /// All hidden items.
    package func all() async throws -> Set<ItemID> {
        try await StoreError.mapping {
            Set(try await client.send(SMEMBERS(Keys.hidden)).compactMap { ItemID(String(buffer: $0)) })
        }
    }

    /// Hides items, and tells every gateway; how many were not hidden before.
    package func hide(_ items: [ItemID]) async throws -> Int {
        try await change(SADD(Keys.hidden, items.map(\.text)), isEmpty: items.isEmpty)
    }

    /// Shows items again, and tells every gateway; how many were hidden before.
    package func show(_ items: [ItemID]) async throws -> Int {
        try await change(SREM(Keys.hidden, items.map(\.text)), isEmpty: items.isEmpty)
    }

    private func change<Command: RedisCommand>(
        _ command: Command, isEmpty: Bool
    ) async throws -> Int where Command.Response == Int {
        guard !isEmpty else { return 0 }
        return try await StoreError.mapping {
            let changed = try await client.send(command)
            _ = try await client.send(PUBLISH(Channels.hidden, "changed"))
            return changed
        }
    }
}
