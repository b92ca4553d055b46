// Which models the aliases were last moved to, so that nothing is asked of MLflow while nothing changes.

import Synchronization

/// Remembers; used from any task.
final class AliasMemory: Sendable {
    private let models = Mutex<[String?]?>(nil)

    /// Whether the aliases say this.
    func holds(_ wanted: [String?]) -> Bool { models.withLock { $0 == wanted } }

    /// Remembers what the aliases say; nil if they do not say it yet.
    func keep(_ said: [String?]?) { models.withLock { $0 = said } }
}
