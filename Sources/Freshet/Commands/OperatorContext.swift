// What the operators' commands share: settings, stores, and a way out that says what went wrong in one line.

import ArgumentParser
import Bootstrap
import FoundationEssentials
import Logging
import Settings
import Stores

/// The settings of a command that does one thing and ends.
struct OperatorContext: Sendable {
    let reader: SettingsReader
    let stores: StoreSettings
    let events: EventSettings

    /// Reads the settings; the log shows warnings only, since the command's own words are what the operator reads.
    static func load() async throws -> OperatorContext {
        let environment = try await ProcessEnvironment.load(defaultLogLevel: .warning)
        return OperatorContext(
            reader: environment.settings, stores: try StoreSettings(environment.settings),
            events: try EventSettings(environment.settings))
    }

    /// Runs `body` with the stores in Redis.
    func withRedis<Value: Sendable>(_ body: @Sendable (RedisStores) async throws -> Value) async throws -> Value {
        try await Resources.withRedisStores(
            stores.redis, partitions: events.partitions, name: "operator", body)
    }

    /// Releases and source data.
    func objects() throws -> (releases: ReleaseStore, source: SourceDataStore) {
        let store = try Resources.objectStore(stores.objects)
        return (ReleaseStore(objects: store), SourceDataStore(objects: store))
    }
}

/// Prints progress on one line of a terminal, or a line each where there is none.
struct ProgressLine: Sendable {
    /// Shows `text`, over what was shown before.
    static func show(_ text: String, isLast: Bool = false) {
        if isTerminal {
            print("\r\u{1B}[2K\(text)", terminator: isLast ? "\n" : "")
            flush()
        } else if isLast {
            print(text)
            flush()
        }
    }

    /// Takes the line away again.
    static func clear() {
        if isTerminal { print("\r\u{1B}[2K", terminator: "") }
    }
}
