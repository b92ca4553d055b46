// The role does all its work as the Redis user that redis/users.acl gives it.

import Embedded
import HTTPTypes
import Models
import Redis
import Stores
import TestServers
import Testing

@testable import EventIngest

@Suite(.timeLimit(.minutes(2))) struct AccessRulesTests {
    @Test func `the ingest user may do everything that the role does`() async throws {
        var options = RedisServer.Options()
        options.accessRules = EmbeddedFile.redisUsers.text.split(separator: "\n").filter { $0.hasPrefix("user") }.map {
            String($0).replacing("${INGEST_PASSWORD}", with: "pi").replacing("${OPERATOR_PASSWORD}", with: "po")
        }
        try await withRedisServer(options) { server in
            var configuration = try RedisConfiguration(url: server.socketURL)
            (configuration.user, configuration.password) = ("operator", "po")
            try await withRedisClient(configuration) { client in
                try await EventStreamStore(client: client, partitions: 1).createGroup(.features)
            }
            (configuration.user, configuration.password) = ("ingest", "pi")
            try await withRedisClient(configuration) { client in
                let ingest = TestBed(server: server, stores: RedisStores(client: client, partitions: 1)).ingest()
                let answers = [
                    try await ingest.post(#"{"user_id":1,"item_id":2}"#),
                    try await ingest.execute(.post, "/put?user_id=1&item_id=3"),
                    try await ingest.execute(.post, "/get?user_id=1"),
                    try await ingest.execute(.get, "/readyz"),
                ]
                #expect(answers.map(\.status) == [200, 200, 200, 200])
                #expect(answers[3].body.contains(#""detail":"lag 2, limit 100000""#))
                // Asking whether an event is applied is allowed too.
                let user = try #require(UserID("1"))
                #expect(try await client.stores.events.isDone(.zero, of: user, group: .features))
            }
        }
    }
}

extension RedisClient {
    fileprivate var stores: RedisStores { RedisStores(client: self, partitions: 1) }
}
