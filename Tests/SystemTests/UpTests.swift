// `freshet up`, the first thing a newcomer runs: ready by itself, stopped in order, quick the second time, and helpful
// when a port is taken.

import Models
import TestServers
import Testing
import WebClient

extension WholeSystem {
    @Suite(.timeLimit(.minutes(3))) struct `freshet up` {
        @Test func `becomes ready by itself, passes the smoke test, stops in order and keeps everything`() async throws
        {
            try await withUp { up in
                try await up.start()
                #expect(up.log.contains("wrote a sample log"))
                #expect(up.log.contains("computed from source_data/"))
                try await up.smoke()
                let id = try await up.redisCLI("XADD", "events", "*", "user_id", "ann", "item_id", "1")
                let path = "/v1/recommendations/ann?k=5&after=\(id)&wait_ms=10000"
                let before = try await HTTP.get(up.gatewayPort, path).recommendations()
                #expect(before.online_as_of == id)
                let redis = try #require(up.redisProcess)
                #expect(await up.stop(signal: 2) == .exited(0), "\(up.log)")
                #expect(up.log.contains("stopped; everything is kept"))
                #expect(!UpProcess.isAlive(redis))

                // The second time nothing is made anew, and everybody is remembered.
                try await up.start()
                #expect(!up.log.contains("wrote"))
                #expect(!up.log.contains("computed"))
                let after = try await HTTP.get(up.gatewayPort, "/v1/recommendations/ann?k=5").recommendations()
                #expect(after.online_as_of == id)
                #expect(after.generation == before.generation)
                #expect(after.items == before.items)

                // Killed, it cannot stop its Redis; the next one does.
                let orphan = try #require(up.redisProcess)
                await up.kill()
                #expect(UpProcess.isAlive(orphan))
                try await up.start()
                #expect(!UpProcess.isAlive(orphan))
                let again = try await HTTP.get(up.gatewayPort, "/v1/recommendations/ann?k=5").recommendations()
                #expect(again.online_as_of == id)
                #expect(await up.stop(signal: 15) == .exited(0), "\(up.log)")
            }
        }

        @Test(arguments: [
            "GATEWAY_PORT", "FEATURES_PORT", "INGEST_PORT", "LOADER_PORT", "ARCHIVE_PORT", "TRAINER_PORT", "REDIS_PORT",
        ])
        func `a busy port is named with the variable that changes it`(variable: String) async throws {
            try await withRedisServer { other in
                try await withUp { up in
                    let status = try await up.runToEnd([variable: "\(other.port)"])
                    #expect(status != .exited(0))
                    #expect(up.log.contains(variable), "\(up.log)")
                    #expect(up.log.contains("\(other.port)"), "\(up.log)")
                    #expect(up.log.split(separator: "\n").count <= 3, "\(up.log)")
                }
            }
        }

        @Test func `a second one in the same folder is refused, and does the first no harm`() async throws {
            try await withUp { up in
                try await up.start()
                let redis = try #require(up.redisProcess)
                let second = try await up.secondInSameFolder()
                #expect(second.status != .exited(0))
                #expect(second.log.contains("DATA_FOLDER"), "\(second.log)")
                #expect(UpProcess.isAlive(redis))
                #expect(try await HTTP.get(up.gatewayPort, "/readyz").status == 200)
            }
        }
    }
}
