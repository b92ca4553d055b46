// The whole cycle with S3 as the object store: data, lists, generation, recommendation.

import Fixtures
import Logging
import Models
import ObjectStore
import Stores
import TestServers
import Testing
import WebClient

extension WholeSystem {
    @Suite(.timeLimit(.minutes(1))) struct `With S3 as the object store` {
        @Test func `sample data becomes recommendations`() async throws {
            try await withSeaweedServer { server in
                let endpoint = server.endpoint
                let url = endpoint.url(prefix: "shop/north/")
                var options = SystemOptions()
                options.objects = try ObjectStoreConfiguration(
                    url: url,
                    credentials: S3Credentials(
                        accessKeyID: endpoint.accessKeyID, secretAccessKey: endpoint.secretAccessKey))
                options.environment = [
                    "OBJECT_STORE": url, "S3_ACCESS_KEY_ID": endpoint.accessKeyID,
                    "S3_SECRET_ACCESS_KEY": endpoint.secretAccessKey,
                ]
                try await withSystem(options) { system in
                    try await system.start(.loader)
                    let features = try await system.start(.features)
                    let gateway = try await system.start(.gateway)
                    let data = try await system.command(
                        "sample-data", "--users", "200", "--items", "100", "--events", "4000", "--days", "20")
                    #expect(data.status == .exited(0), "\(data.output)")
                    let train = try await system.command("train", "run", "--no-reload")
                    #expect(train.status == .exited(0), "\(train.output)")
                    #expect(try await system.releases.names().count == 1)
                    let reload = try await system.command("reload", "--wait")
                    #expect(reload.status == .exited(0), "\(reload.output)")
                    for process in [features, gateway] { try await process.awaitReady() }

                    let active = try #require(try await system.stores.generations.active())
                    let popular = try await system.stores.lists.popular(generation: active, category: nil)
                    let item = try #require(popular.first).item
                    let id = try await system.redisCLI("XADD", "events", "*", "user_id", "new", "item_id", item.text)
                    let answer = try await HTTP.get(
                        gateway.port, "/v1/recommendations/new?k=10&after=\(id)&wait_ms=10000"
                    ).recommendations()
                    #expect(answer.items.count == 10)
                    #expect(answer.sources.first == "online")
                    let similar = try await system.stores.lists.similar([item], generation: active)
                    #expect(answer.items.first == similar.first?.first?.item.text)

                    let wrong = try await system.command("reload", environment: ["S3_SECRET_ACCESS_KEY": "wrong"])
                    #expect(wrong.status != .exited(0))
                    #expect(wrong.output.split(separator: "\n").count == 1, "\(wrong.output)")
                }
            }
        }
    }
}
