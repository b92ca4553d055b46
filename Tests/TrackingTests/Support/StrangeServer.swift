// A server where a tracking server should be, which answers each request with what a script says and keeps what was asked.
// Only for what no real server does on demand.

import Synchronization
import TestServers

/// Answers by a script.
final class StrangeServer: Sendable {
    struct Request: Sendable {
        let method: String
        let target: String
        let head: String
    }

    enum Answer: Sendable {
        case text(_ status: Int, _ body: String, headers: String = "")
        /// A body without end.
        case endless
        /// Nothing, ever.
        case silence

        /// What an MLflow server says when all is well.
        static func usual(_ request: Request) -> Answer {
            if request.target.contains("experiments/get-by-name") {
                return .text(200, #"{"experiment": {"experiment_id": "1"}}"#)
            }
            if request.target.contains("runs/search") {
                return .text(
                    200, #"{"runs": [{"info": {"run_id": "r", "artifact_uri": "mlflow-artifacts:/1/r/artifacts"}}]}"#)
            }
            return .text(200, "{}")
        }
    }

    private final class Record: Sendable {
        let requests = Mutex<[Request]>([])
    }

    private let record: Record
    private let listener: LoopbackListener

    var address: String { "http://127.0.0.1:\(listener.port)" }
    var requests: [Request] { record.requests.withLock { $0 } }

    init(_ script: @escaping @Sendable (Request) -> Answer) throws {
        let record = Record()
        self.record = record
        listener = try LoopbackListener { connection, _ in
            var received: [UInt8] = []
            while let request = Self.next(connection, &received) {
                record.requests.withLock { $0.append(request) }
                switch script(request) {
                case .text(let status, let body, let headers):
                    let head = "HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n"
                    guard connection.write(Array((head + body).utf8)) else { return }
                case .endless:
                    let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
                    guard connection.write(Array("HTTP/1.1 200 X\r\n\r\n".utf8)) else { return }
                    while connection.write(chunk) {}
                    return
                case .silence:
                    while !connection.read().isEmpty {}
                    return
                }
            }
        }
    }

    func close() { listener.close() }

    private static func next(_ connection: LoopbackConnection, _ received: inout [UInt8]) -> Request? {
        while true {
            if let end = received.firstRange(of: Array("\r\n\r\n".utf8)) {
                let head = String(decoding: received[..<end.lowerBound], as: UTF8.self)
                let length =
                    head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
                    .flatMap { Int($0.drop { $0 != " " }.dropFirst()) } ?? 0
                if received.count >= end.upperBound + length {
                    received.removeFirst(end.upperBound + length)
                    let words = head.split(separator: " ")
                    return Request(method: String(words.first ?? ""), target: String(words[1]), head: head)
                }
            }
            let more = connection.read()
            if more.isEmpty { return nil }
            received += more
        }
    }
}
