// The stores that the conformance suite runs over, and the servers behind them: started once for all suites
// below ObjectStoreSuites and ended behind them.

import Logging
import TestServers
import Testing

@testable import ObjectStore

/// The suites that need servers.
@Suite(.objectStoreServers) enum ObjectStoreSuites {}

/// Which implementation a conformance test runs against.
enum StoreKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case directory
    case seaweed = "SeaweedFS"
    case juice = "JuiceFS gateway"

    static let servers: [StoreKind] = [.seaweed, .juice]

    var testDescription: String { rawValue }
}

/// The running servers.
struct StoreServers: Sendable {
    @TaskLocal static var current: StoreServers?

    let seaweed: SeaweedServer
    let juice: JuiceServer

    static func running() throws -> StoreServers {
        guard let current else { throw TestServerError("the suite is missing the trait .objectStoreServers") }
        return current
    }

    func endpoint(_ kind: StoreKind) -> S3Endpoint {
        kind == .juice ? juice.endpoint : seaweed.endpoint
    }
}

struct StoreServersTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing body: @Sendable @concurrent () async throws -> Void
    ) async throws {
        try await withSeaweedServer(isTLS: true) { seaweed in
            try await withJuiceServer { juice in
                try await StoreServers.$current.withValue(StoreServers(seaweed: seaweed, juice: juice)) {
                    try await body()
                }
            }
        }
    }
}

extension Trait where Self == StoreServersTrait {
    static var objectStoreServers: Self { Self() }
}

extension S3Limits {
    /// Small parts, so that a few megabytes make a multipart upload, and short pauses.
    static var forTests: S3Limits {
        var limits = S3Limits()
        limits.partBytes = 5 * 1024 * 1024
        limits.backoffBaseMs = 1
        limits.backoffMaxMs = 5
        return limits
    }
}

/// A prefix that no other test uses.
func freshPrefix() -> String {
    "test-" + String(UInt64.random(in: .min ... .max), radix: 36)
}

/// Opens a store of an S3 server.
func openStore(
    _ url: String,
    credentials: S3Credentials = S3Credentials(accessKeyID: "freshet", secretAccessKey: "secret12"),
    limits: S3Limits = .forTests
) throws -> S3ObjectStore {
    var configuration = try ObjectStoreConfiguration(url: url, credentials: credentials)
    configuration.limits = limits
    let store = try makeObjectStore(configuration, logger: Logger(label: "test"))
    return try #require(store as? S3ObjectStore)
}

/// Runs a test with an empty store of a kind and closes it.
func withStore(_ kind: StoreKind, _ body: (any ObjectStore) async throws -> Void) async throws {
    switch kind {
    case .directory:
        let folder = try TemporaryFolder("objects")
        defer { folder.remove() }
        let configuration = try ObjectStoreConfiguration(url: "file://\(folder.path)/store")
        try await closing(makeObjectStore(configuration, logger: Logger(label: "test")), body)
    case .seaweed, .juice:
        let endpoint = try StoreServers.running().endpoint(kind)
        try await closing(openStore(endpoint.url(prefix: freshPrefix())), body)
    }
}

/// Runs `body` with a store and closes it, also when the test fails.
func closing<Store: ObjectStore>(_ store: Store, _ body: (Store) async throws -> Void) async throws {
    do {
        try await body(store)
    } catch {
        await store.close()
        throw error
    }
    await store.close()
}

/// Expects an error of one kind, and returns it.
@discardableResult
func expectFailure<Value>(
    _ kind: ObjectStoreError.Kind,
    _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Value
) async -> ObjectStoreError? {
    do {
        _ = try await body()
        Issue.record(comment ?? "expected an error of kind \(kind), got none", sourceLocation: sourceLocation)
    } catch let error as ObjectStoreError {
        #expect(error.kind == kind, "\(error)", sourceLocation: sourceLocation)
        return error
    } catch {
        Issue.record("expected an error of kind \(kind), got \(error)", sourceLocation: sourceLocation)
    }
    return nil
}

/// Bytes without a pattern that a lost or doubled block could hide in, the same for the same seed.
func sampleBytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed
    // Eight bytes at a time: tests make many megabytes, without the optimiser.
    let words = [UInt64](unsafeUninitializedCapacity: count / 8 + 1) { buffer, filled in
        for index in 0..<buffer.count {
            // Knuth's MMIX generator, "The Art of Computer Programming", volume 2, section 3.3.4.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            buffer.initializeElement(at: index, to: state ^ (state >> 29))
        }
        filled = buffer.count
    }
    return words.withUnsafeBytes { Array($0.prefix(count)) }
}

/// Everything that a body gives.
func collect(_ body: ObjectBody) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    for try await chunk in body { bytes += chunk }
    return bytes
}
