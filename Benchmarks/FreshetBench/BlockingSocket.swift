// A client that costs almost nothing: one blocking socket, one request at a time. The load generator shares the machine's
// cores with what it measures, so it must be cheap.

import Glibc

/// Why a measurement cannot go on.
struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// One connection over loopback.
final class BlockingSocket {
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else {
            close(descriptor)
            throw BenchError("nothing listens on port \(port)")
        }
        var isOn: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close(descriptor) }

    /// XADDs an event and returns the entry's id.
    func addEvent(user: String, item: String) throws -> String {
        let words = ["XADD", "events", "*", "user_id", user, "item_id", item]
        try send("*\(words.count)\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined())
        buffer.removeAll(keepingCapacity: true)
        while true {
            let text = String(decoding: buffer, as: UTF8.self)
            let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
            if lines.count >= 3 { return String(lines[1]) }
            if text.hasPrefix("-") { throw BenchError("XADD: \(text)") }
            try receive()
        }
    }

    /// Sends a GET and returns status and body.
    func get(_ path: String) throws -> (status: Int, body: String) {
        try send("GET \(path) HTTP/1.1\r\nHost: bench\r\n\r\n")
        buffer.removeAll(keepingCapacity: true)
        while true {
            let text = String(decoding: buffer, as: UTF8.self)
            if let end = text.firstRange(of: "\r\n\r\n") {
                let head = text[..<end.lowerBound]
                let length =
                    head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
                    .flatMap { Int($0.dropFirst(15).filter(\.isNumber)) } ?? 0
                let body = text[end.upperBound...]
                if body.utf8.count >= length { return (Int(head.dropFirst(9).prefix(3)) ?? 0, String(body)) }
            }
            try receive()
        }
    }

    private func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count else { throw BenchError("the connection broke") }
    }

    private func receive() throws {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &chunk, chunk.count)
        guard count > 0 else { throw BenchError("the connection was closed") }
        buffer += chunk[0..<count]
    }
}
