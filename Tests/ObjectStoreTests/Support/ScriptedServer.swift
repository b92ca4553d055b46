// A server that plays S3 when S3 is unwell: it answers each request with what a script says and keeps what
// was asked. Only for misbehaviour that no real server shows on demand.

import Dispatch
import Synchronization
import TestServers

@testable import ObjectStore

/// A request as it came over the wire.
struct ScriptedRequest: Sendable {
    let method: String
    /// Path and query, undecoded.
    let target: String
    /// Names in lower case.
    let headers: [String: String]
    let body: [UInt8]
}

/// What the server does with a request.
enum ScriptedAnswer: Sendable {
    case answer(status: Int, headers: [String: String] = [:], body: String = "")
    /// Exactly these bytes, then silence with the connection open.
    case bytesThenSilence(String)
    /// An object without an end, as fast as the reader takes it.
    case endless
    /// Ends the connection.
    case cut

    static func failure(_ status: Int, _ code: String, _ message: String = "said the script") -> ScriptedAnswer {
        .answer(status: status, body: "<Error><Code>\(code)</Code><Message>\(message)</Message></Error>")
    }
}

/// Answers by a script.
final class ScriptedServer: Sendable {
    private final class Record: Sendable {
        let requests = Mutex<[ScriptedRequest]>([])
        let endlessByteCount = Atomic<Int>(0)
        let endlessAdvanced = DispatchSemaphore(value: 0)
        let endlessEnded = DispatchSemaphore(value: 0)
    }

    private let record: Record
    private let listener: LoopbackListener

    var url: String { "s3://bucket/store?endpoint=http://127.0.0.1:\(listener.port)" }
    var requests: [ScriptedRequest] { record.requests.withLock { $0 } }
    /// How much of the endless object the reader, and the sockets on the way, have taken.
    var endlessByteCount: Int { record.endlessByteCount.load(ordering: .relaxed) }

    /// - Parameter script: decides by the request and its number, from 0.
    init(_ script: @escaping @Sendable (ScriptedRequest, Int) -> ScriptedAnswer) throws {
        let record = Record()
        self.record = record
        listener = try LoopbackListener { connection, _ in
            var received: [UInt8] = []
            while let request = Self.readRequest(connection, &received) {
                let number = record.requests.withLock { requests in
                    requests.append(request)
                    return requests.count - 1
                }
                switch script(request, number) {
                case .answer(let status, let headers, let body):
                    var head = "HTTP/1.1 \(status) Scripted\r\n"
                    if headers["Content-Length"] == nil { head += "Content-Length: \(body.utf8.count)\r\n" }
                    for header in headers { head += "\(header.key): \(header.value)\r\n" }
                    guard connection.write(Array((head + "\r\n" + body).utf8)) else { return }
                case .bytesThenSilence(let text):
                    guard connection.write(Array(text.utf8)) else { return }
                case .endless:
                    return Self.sendEndless(connection, record)
                case .cut:
                    return connection.cut()
                }
            }
        }
    }

    /// Whether the endless object comes to a halt, a second without progress, before so many bytes were taken.
    func endlessHalts(before byteCount: Int) async -> Bool {
        await withCheckedContinuation { [record] continuation in
            BlockingThread.run {
                while record.endlessAdvanced.wait(timeout: .now() + .seconds(1)) == .success {
                    guard record.endlessByteCount.load(ordering: .relaxed) < byteCount else { break }
                }
                continuation.resume(returning: record.endlessByteCount.load(ordering: .relaxed) < byteCount)
            }
        }
    }

    /// Whether the reader of the endless object goes away within a time.
    func endlessEnds(withinMs: Int) async -> Bool {
        await withCheckedContinuation { [record] continuation in
            BlockingThread.run {
                let result = record.endlessEnded.wait(timeout: .now() + .milliseconds(withinMs))
                continuation.resume(returning: result == .success)
            }
        }
    }

    func close() {
        listener.close()
    }

    private static func sendEndless(_ connection: LoopbackConnection, _ record: Record) {
        let head = "HTTP/1.1 200 OK\r\nETag: \"endless\"\r\nContent-Length: 1000000000000\r\n\r\n"
        let chunk = [UInt8](repeating: 0, count: 1024 * 1024)
        guard connection.write(Array(head.utf8)) else { return }
        while connection.write(chunk) {
            record.endlessByteCount.add(chunk.count, ordering: .relaxed)
            record.endlessAdvanced.signal()
        }
        record.endlessEnded.signal()
    }

    /// The next request of a connection; nil when it ended.
    private static func readRequest(_ connection: LoopbackConnection, _ received: inout [UInt8]) -> ScriptedRequest? {
        let separator = Array("\r\n\r\n".utf8)
        while true {
            if let end = received.firstRange(of: separator) {
                let lines = String(decoding: received[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
                let headers = lines.dropFirst().map { $0.split(separator: ":", maxSplits: 1).map(String.init) }
                let named = Dictionary(
                    headers.map { ($0[0].lowercased(), $0.count > 1 ? String($0[1].dropFirst()) : "") },
                    uniquingKeysWith: { $1 })
                let bodyCount = named["content-length"].flatMap { Int($0) } ?? 0
                if received.count >= end.upperBound + bodyCount {
                    let start = lines.first?.split(separator: " ") ?? []
                    let body = Array(received[end.upperBound..<end.upperBound + bodyCount])
                    received.removeFirst(end.upperBound + bodyCount)
                    return ScriptedRequest(
                        method: String(start.first ?? ""), target: start.count > 1 ? String(start[1]) : "",
                        headers: named, body: body)
                }
            }
            let more = connection.read()
            if more.isEmpty { return nil }
            received += more
        }
    }
}

/// Opens a store before a scripted server, runs `body` and ends both.
func withScript(
    limits: S3Limits = .forTests,
    _ script: @escaping @Sendable (ScriptedRequest, Int) -> ScriptedAnswer,
    _ body: (S3ObjectStore, ScriptedServer) async throws -> Void
) async throws {
    let server = try ScriptedServer(script)
    defer { server.close() }
    try await closing(openStore(server.url, limits: limits)) { store in try await body(store, server) }
}
