// The role does all its work as the Redis user that redis/users.acl gives it.

import Embedded
import Fixtures
import Models
import Redis
import Stores
import Telemetry
import TestServers
import Testing

@testable import Features

@Suite(.serialized, .timeLimit(.minutes(2))) struct AccessRulesTests {
    @Test func `the features user may do everything that the role does`() async throws {
        var options = RedisServer.Options()
        options.accessRules = EmbeddedFile.redisUsers.text.split(separator: "\n").filter { $0.hasPrefix("user") }.map {
            String($0).replacing("${FEATURES_PASSWORD}", with: "pf").replacing("${OPERATOR_PASSWORD}", with: "po")
        }
        try await withRedisServer(options) { server in
            try await withStores(of: server, user: "operator", password: "po") { operatorStores in
                try await withStores(of: server, user: "features", password: "pf") { stores in
                    try await check(TestBed(server: server, stores: operatorStores), stores)
                }
            }
        }
    }

    private func check(_ bed: TestBed, _ stores: RedisStores) async throws {
        let features = TestBed(server: bed.server, stores: stores).features("features@test:1")
        try await bed.activate(["a": "x:1"])
        try await running(features) {
            try await bed.add([("user_id", "42"), ("item_id", "a"), ("event_id", "e")])
            try await bed.add([("user_id", "42")])
            try await eventually("applied and put aside") {
                let (aside, online) = (
                    try await bed.stores.events.quarantined(countMax: 10), try await bed.online("42")
                )
                return aside.count == 1 && online.count == 1
            }
            let second = try await bed.activate(["a": "y:1"])
            try await eventually("acknowledged") {
                try await bed.stores.instances.acknowledgements(of: second)["features@test:1"] != nil
            }
            try await eventually("swept") { try await bed.online("42")["a"]?.hasSuffix(" \(second) y:1") == true }
            try await eventually("alive") {
                try await bed.stores.instances.alive(nowMs: UTCTime.nowMs()) == ["features@test:1"]
            }
            let keeper = StreamKeeper(
                events: stores.events, retentionMs: 0, awaited: [], logger: TestBed.quietLogger)
            try await keeper.tidy(nowMs: UTCTime.nowMs())
            let claimer = PendingClaimer(
                events: stores.events, applier: features.applier, consumer: "c", idleMs: 0, deliveriesMax: 5,
                batchCountMax: 10, logger: TestBed.quietLogger)
            _ = try await bed.stores.events.claim(group: .features, consumer: "dead", idleMs: 0, countMax: 10)
            #expect(try await claimer.claimOnce() == 0)
            let progress = try await stores.events.progress()
            #expect(progress.count == 1)
        }
        #expect(try await bed.stores.instances.alive(nowMs: UTCTime.nowMs()).isEmpty)
    }

    private func withStores<Value: Sendable>(
        of server: RedisServer, user: String, password: String, _ body: (RedisStores) async throws -> Value
    ) async throws -> Value {
        var configuration = try RedisConfiguration(url: server.socketURL)
        configuration.user = user
        configuration.password = password
        return try await withRedisClient(configuration, libraries: RedisStores.functionLibraries) { client in
            try await body(RedisStores(client: client, partitions: 1))
        }
    }
}
