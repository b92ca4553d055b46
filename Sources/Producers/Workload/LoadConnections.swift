// A worker's way to the system: connections that are opened when they are needed and again when they are gone.

import FoundationEssentials
import Models
import NIOCore
import Stores
import WebClient

/// An answer that is none of the good ones; its kind is one of few, for counting.
struct LoadFailure: Error, Hashable {
    let kind: String
}

/// One connection to the gateway, and one to the ingest if events go there.
struct LoadConnections {
    private let targets: LoadTargets
    private let timeoutMs: Int64
    private var gateway: WebConnection?
    private var ingest: WebConnection?

    init(targets: LoadTargets, timeoutMs: Int64) {
        self.targets = targets
        self.timeoutMs = timeoutMs
    }

    /// Asks the gateway; a good answer.
    mutating func ask(_ path: String) async throws -> WebAnswer {
        let connection = try await Self.opened(&gateway, targets.gateway, timeoutMs)
        let answer = try await connection.send(.get(path), timeoutMs: timeoutMs)
        guard answer.status == 200 else { throw LoadFailure(kind: "status \(answer.status)") }
        return answer
    }

    /// Writes an event; its stream id.
    mutating func write(_ row: PopulationRow) async throws -> String {
        switch targets.events {
        case .stream(let stream):
            let fields = [
                (name: EventField.user, value: row.user.text), (name: EventField.item, value: row.item.text),
                (name: EventField.type, value: row.type),
            ]
            guard let result = await stream.append([(user: row.user, fields: fields)]).first else {
                throw LoadFailure(kind: "other")
            }
            return try result.get().description
        case .http(let address):
            let connection = try await Self.opened(&ingest, address, timeoutMs)
            // Identifiers and types need no escaping: their alphabet has nothing to escape.
            let body =
                #"{"\#(EventField.user)":"\#(row.user)","\#(EventField.item)":"\#(row.item)","#
                + #""\#(EventField.type)":"\#(row.type)"}"#
            let request = WebRequest.post("/v1/events", body: ByteBuffer(string: body))
            let answer = try await connection.send(request, timeoutMs: timeoutMs)
            guard answer.status == 200 else { throw LoadFailure(kind: "status \(answer.status)") }
            guard let ids = try? JSONDecoder().decode(EventIDs.self, from: Data(answer.body.readableBytesView)),
                let id = ids.ids.first ?? nil
            else { throw LoadFailure(kind: "answer without an id") }
            return id
        }
    }

    /// Closes both.
    func close() async {
        await gateway?.close()
        await ingest?.close()
    }

    private struct EventIDs: Decodable {
        let ids: [String?]
    }

    private static func opened(
        _ connection: inout WebConnection?, _ address: WebAddress, _ timeoutMs: Int64
    ) async throws -> WebConnection {
        if let connection, connection.isOpen { return connection }
        let opened = try await WebConnection.open(address, connectTimeoutMs: timeoutMs)
        connection = opened
        return opened
    }
}
