// Subscriptions: they hear what is published, heal themselves, and end with their reader or the process.

import Fixtures
import Logging
import NIOCore
import Redis
import ServiceLifecycle
import Synchronization
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SubscriptionTests {
    private func withClient<Value: Sendable>(
        _ settings: Setting...,
        body: (RedisServer, RedisClient) async throws -> Value
    ) async throws -> Value {
        try await withRedisServer { server in
            var configuration = try RedisConfiguration(url: server.url)
            configuration.deadlineMs = 20_000
            configuration.connectDeadlineMs = 20_000
            for setting in settings { setting.apply(&configuration) }
            return try await withRedisClient(configuration) { client in try await body(server, client) }
        }
    }

    /// The next message's text; nil for any other event.
    private func text(_ event: RedisSubscription.Event?) -> String? {
        guard case .message(let channel, let payload) = event else { return nil }
        return "\(channel): \(String(buffer: payload))"
    }

    private func isConnected(_ event: RedisSubscription.Event?) -> Bool {
        if case .connected = event { true } else { false }
    }

    @Test func `messages of all channels arrive in order behind connected`() async throws {
        try await withClient { _, client async throws in
            let events = Listener(client.subscribe(["releases", "hidden"]))
            #expect(isConnected(await events.next()))
            #expect(try await client.send(PUBLISH("releases", "42")) == 1)
            #expect(try await client.send(PUBLISH("hidden", "item")) == 1)
            #expect(try await client.send(PUBLISH("other", "x")) == 0)
            #expect(text(await events.next()) == "releases: 42")
            #expect(text(await events.next()) == "hidden: item")
        }
    }

    @Test func `a restart is survived and told`() async throws {
        try await withClient(.set(\.backoffMsMax, 50)) { server, client async throws in
            let events = Listener(client.subscribe(["releases"]))
            #expect(isConnected(await events.next()))
            for round in 0..<3 {
                try await server.restart()
                guard case .disconnected = await events.next() else {
                    Issue.record("no disconnected in round \(round)")
                    return
                }
                var event = await events.next()
                while case .disconnected = event { event = await events.next() }
                #expect(isConnected(event))
                #expect(try await client.send(PUBLISH("releases", .integer(round)), deadlineMs: 10_000) == 1)
                #expect(text(await events.next()) == "releases: \(round)")
            }
        }
    }

    @Test func `a server that is away is told and tried again`() async throws {
        try await withClient(.set(\.backoffMsMax, 20)) { server, client async throws in
            await server.kill()
            let events = Listener(client.subscribe(["releases"]))
            for _ in 0..<3 {
                guard case .disconnected(let error) = await events.next() else {
                    Issue.record("a connection to nobody")
                    return
                }
                #expect(error.code == .connectFailed)
            }
            try await server.restart()
            var event = await events.next()
            while case .disconnected = event { event = await events.next() }
            #expect(isConnected(event))
        }
    }

    @Test func `cancellation ends the reader at once`() async throws {
        try await withClient { _, client async throws in
            let connected = AsyncStream<Void>.makeStream()
            let reader = Task {
                for await event in client.subscribe(["releases"]) {
                    if case .connected = event { connected.continuation.finish() }
                }
            }
            for await _ in connected.stream {}
            reader.cancel()
            await reader.value
            try await hasNoSubscriber(client)
        }
    }

    private func hasNoSubscriber(_ client: RedisClient) async throws {
        try await eventually("the server has no subscriber left") {
            try await client.send(RawCommand("PUBSUB", ["NUMSUB", "releases"])).elements().last == .integer(0)
        }
    }

    @Test func `a graceful shutdown ends the reader`() async throws {
        try await withClient { _, client async throws in
            let reader = SubscribingService(subscription: client.subscribe(["releases"]))
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: [.init(service: reader, successTerminationBehavior: .gracefullyShutdownGroup)],
                    logger: Logger(label: "test")))
            async let running: Void = group.run()
            for await _ in reader.connected.stream {}
            await group.triggerGracefulShutdown()
            try await running
        }
    }

    @Test func `shutting the client down ends the reader`() async throws {
        try await withRedisServer { server in
            let reading = try await withRedisClient(try RedisConfiguration(url: server.url)) { client async throws in
                let reader = SubscribingService(subscription: client.subscribe(["releases"]))
                let reading = Task { try await reader.run() }
                for await _ in reader.connected.stream {}
                return reading
            }
            try await reading.value
        }
    }

    @Test func `a reader that falls behind is disconnected rather than cheated`() async throws {
        try await withClient(.set(\.subscriptionMessageCountMax, 10)) { _, client async throws in
            let events = Listener(client.subscribe(["releases"]))
            #expect(isConnected(await events.next()))
            for number in 0..<100 { _ = try await client.send(PUBLISH("releases", .integer(number))) }
            try await hasNoSubscriber(client)
            var heard = 0
            var event = await events.next()
            while text(event) != nil {
                heard += 1
                event = await events.next()
            }
            #expect(heard == 10)
            guard case .disconnected(let error) = event else {
                Issue.record("messages were lost without a word")
                return
            }
            #expect(error.code == .overloaded)
            #expect(isConnected(await events.next()))
        }
    }

    @Test func `a user without the right to a channel learns so`() async throws {
        var options = RedisServer.Options()
        options.accessRules = ["user default on nopass ~* resetchannels &allowed +@all"]
        try await withRedisServer(options) { server in
            try await withRedisClient(try RedisConfiguration(url: server.url)) { client async throws in
                let events = Listener(client.subscribe(["releases"]))
                guard case .disconnected(let error) = await events.next() else {
                    Issue.record("the subscription was let through")
                    return
                }
                #expect(error.code == .noPermission)
            }
        }
    }

    @Test func `an idle subscription is kept alive by heartbeats`() async throws {
        try await withClient(.set(\.heartbeatMs, 10)) { _, client async throws in
            let events = Listener(client.subscribe(["releases"]))
            #expect(isConnected(await events.next()))
            let before = try await client.send(INFO("commandstats"))
            try await eventually("several heartbeats were sent") {
                try await client.send(INFO("commandstats"))["cmdstat_ping"] != before["cmdstat_ping"]
            }
            _ = try await client.send(PUBLISH("releases", "1"))
            #expect(text(await events.next()) == "releases: 1")
        }
    }
}

/// An iterator that expectations may call.
private final class Listener {
    private var events: RedisSubscription.Iterator

    init(_ subscription: RedisSubscription) {
        events = subscription.makeAsyncIterator()
    }

    func next() async -> RedisSubscription.Event? { await events.next() }
}

private struct SubscribingService: Service {
    let subscription: RedisSubscription
    let connected = AsyncStream<Void>.makeStream()

    func run() async throws {
        for await event in subscription {
            if case .connected = event { connected.continuation.finish() }
        }
    }
}
