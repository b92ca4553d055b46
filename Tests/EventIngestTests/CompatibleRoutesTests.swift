// The routes of the classic layout, and those that every service has.

import Embedded
import Fixtures
import HTTPTypes
import Models
import NIOCore
import Redis
import ServiceLifecycle
import Stores
import Synchronization
import TestServers
import Testing
import WebService

@testable import EventIngest

@Suite(.serialized, .timeLimit(.minutes(2))) struct CompatibleRoutesTests {
    /// Applies what comes on the stream, as the features consumer does.
    private func consume(_ bed: TestBed, count: Int) async throws {
        try await bed.stores.events.createGroup(.features)
        try await bed.stores.events.withReader(group: .features, consumer: "c") { reader in
            var handled = 0
            while handled < count {
                let entries = try await reader.read(countMax: 10, blockMs: 1000)
                let updates = try entries.map { entry in
                    let event = try EventReader(types: .standard).read(entry.value)
                    return OnlineUpdate(event: StreamedEvent(id: entry.id, event: event), generation: 0, similar: nil)
                }
                for result in await bed.stores.online.apply(updates, itemsMax: 10, ttlSeconds: 60) {
                    _ = try result.get()
                }
                try await bed.stores.events.acknowledge(entries, group: .features)
                handled += entries.count
            }
        }
    }

    @Test func `what was put is there when asked for, newest first`() async throws {
        try await withTestBed { bed in
            try await bed.stores.events.createGroup(.features)
            let ingest = bed.ingest()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await consume(bed, count: 4) }
                for (place, item) in ["10", "sku-7", "007", "11"].enumerated() {
                    let answer = try await ingest.execute(.post, "/put?user_id=42&item_id=\(item)&shop=ignored")
                    #expect(answer.status == 200)
                    #expect(answer.body == #"{"result":"OK"}"#)
                    let events = try await ingest.execute(.post, "/get?user_id=42").body
                    #expect(events.split(separator: ",").count == place + 1)
                }
                try await group.waitForAll()
            }
            let answer = try await ingest.execute(.post, "/get?user_id=42&k=3")
            #expect(answer.body == #"{"events":[11,"007","sku-7"]}"#)
            #expect(try await ingest.execute(.post, "/get?user_id=nobody").body == #"{"events":[]}"#)
            #expect(try await bed.entries().map(\.fields).first == ["user_id=42", "item_id=10"])
        }
    }

    @Test func `without a consumer the answer comes all the same`() async throws {
        try await withTestBed { bed in
            let answer = try await bed.ingest().execute(.post, "/put?user_id=42&item_id=10")
            #expect(answer.body == #"{"result":"OK"}"#)
            #expect(try await bed.entries().count == 1)
        }
    }

    @Test func `while Redis is away the result is an error`() async throws {
        try await withTestBed(deadlineMs: 200) { bed in
            let ingest = bed.ingest()
            await bed.server.kill()
            let put = try await ingest.execute(.post, "/put?user_id=42&item_id=10")
            #expect(put.status == 503)
            #expect(put.body == #"{"result":"ERROR"}"#)
            let get = try await ingest.execute(.post, "/get?user_id=42")
            #expect(get.status == 503)
            #expect(get.headers[.retryAfter] == "1")
        }
    }

    @Test(arguments: [
        ("/put", "user_id"), ("/put?user_id=1", "item_id"), ("/put?user_id=&item_id=1", "user_id"),
        ("/put?user_id=1&item_id=a%20b", "item_id"), ("/put?user_id=%00&item_id=1", "user_id"),
        ("/put?user_id=%FF&item_id=1", "user_id"), ("/put?user_id=1&user_id=2&item_id=1", "user_id"),
        ("/get", "user_id"),
        ("/get?user_id=1&k=0", "k"), ("/get?user_id=1&k=-1", "k"), ("/get?user_id=1&k=1000000000", "k"),
        ("/get?user_id=%7B42%7D", "user_id"),
    ])
    func `what makes no sense is refused with the parameter's name`(uri: String, field: String) async throws {
        try await withTestBed { bed in
            let answer = try await bed.ingest().execute(.post, uri)
            #expect(answer.status == 400)
            #expect(answer.headers[.contentType] == "application/problem+json")
            #expect(answer.body.contains(#""field":"\#(field)""#))
            #expect(try await bed.entries().isEmpty)
        }
    }

    @Test func `the document and the routes agree`() async throws {
        try await withTestBed { bed in
            let differences = try OpenAPICheck.differences(between: bed.ingest().router(), and: .ingestOpenAPI)
            #expect(differences.isEmpty, "\(differences)")
        }
    }

    @Test func `readiness names Redis and the consumers' lag`() async throws {
        try await withTestBed { bed in
            let ingest = bed.ingest(lagCountMax: 1)
            let first = try await ingest.execute(.get, "/readyz")
            #expect(first.status == 200)
            #expect(first.body.contains("no features consumer has been here yet"))
            try await bed.stores.events.createGroup(.features)
            _ = try await ingest.post(#"[{"user_id":1,"item_id":1},{"user_id":1,"item_id":2}]"#)
            let second = try await ingest.execute(.get, "/readyz")
            #expect(second.status == 503)
            #expect(second.body.contains(#"{"name":"features group","ok":false,"detail":"lag 2, limit 1"}"#))
            await bed.server.kill()
            let third = try await ingest.execute(.get, "/readyz")
            #expect(third.body.contains(#"{"name":"redis","ok":false,"#))
        }
    }

    @Test func `the running service watches the lag and stops when asked`() async throws {
        try await withTestBed { bed in
            try await bed.stores.events.createGroup(.features)
            let (ports, listening) = AsyncStream.makeStream(of: Int.self)
            let ingest = bed.ingest(lagCountMax: 1) { listening.yield($0) }
            let service = ServiceGroup(
                configuration: .init(
                    services: [.init(service: ingest, successTerminationBehavior: .gracefullyShutdownGroup)],
                    logger: TestBed.quietLogger))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await service.run() }
                var port = 0
                for await bound in ports {
                    port = bound
                    break
                }
                #expect(port > 0)
                _ = try await ingest.post(#"[{"user_id":1,"item_id":1},{"user_id":1,"item_id":2}]"#)
                try await eventually("the lag is seen") { ingest.lagGuard.isBehind }
                await service.triggerGracefulShutdown()
                try await group.waitForAll()
            }
        }
    }
}
