// A door to Redis through which no published message comes: commands and replies pass, what subscribers are sent does not.
// Messages are lost in this way when a subscriber is disconnected, or too slow for Redis' output buffer.

import Synchronization

/// Passes on all but published messages.
package final class DeafRedisProxy: Sendable {
    private let listener: LoopbackListener
    private let dropped: Dropped

    /// How often something was not passed on.
    private final class Dropped: Sendable {
        let count = Atomic(0)
    }

    /// A door to the server on a port of 127.0.0.1.
    package init(to port: Int) throws {
        let dropped = Dropped()
        self.dropped = dropped
        listener = try LoopbackListener { client, _ in
            guard let server = try? LoopbackConnection(port: port) else { return client.cut() }
            BlockingThread.run {
                while case let bytes = client.read(), !bytes.isEmpty { guard server.write(bytes) else { break } }
                server.cut()
            }
            var replies = ReplySplitter()
            while case let bytes = server.read(), !bytes.isEmpty {
                let (passed, droppedCount) = replies.take(bytes)
                dropped.count.add(droppedCount, ordering: .relaxed)
                guard client.write(passed) else { break }
            }
            client.cut()
            server.cut()
        }
    }

    /// The door's URL.
    package var url: String { "redis://127.0.0.1:\(listener.port)" }
    /// Messages that were not passed on so far.
    package var droppedCount: Int { dropped.count.load(ordering: .relaxed) }

    /// Ends all connections.
    package func close() { listener.close() }
}

/// Cuts a stream of RESP2 replies into replies, and leaves out those that are published messages.
/// https://redis.io/docs/latest/develop/reference/protocol-spec/
struct ReplySplitter {
    private static let message = Array("*3\r\n$7\r\nmessage\r\n".utf8)
    private static let endOfLine = UInt8(ascii: "\n")

    private var rest: [UInt8] = []

    /// Takes bytes as they come; whole replies to pass on, and how many messages were left out.
    mutating func take(_ bytes: [UInt8]) -> (passed: [UInt8], dropped: Int) {
        rest += bytes
        var passed: [UInt8] = []
        var (start, dropped) = (0, 0)
        while let end = Self.end(of: rest, from: start) {
            if rest[start..<end].starts(with: Self.message) { dropped += 1 } else { passed += rest[start..<end] }
            start = end
        }
        rest.removeFirst(start)
        return (passed, dropped)
    }

    /// Where the reply ends that begins at `start`; nil as long as it is not whole.
    private static func end(of bytes: [UInt8], from start: Int) -> Int? {
        guard start < bytes.count, let lineEnd = bytes[start...].firstIndex(of: endOfLine) else { return nil }
        let next = lineEnd + 1
        let length = Int(String(decoding: bytes[(start + 1)..<(lineEnd - 1)], as: UTF8.self)) ?? 0
        switch bytes[start] {
        case UInt8(ascii: "$"):
            guard length >= 0 else { return next }
            return next + length + 2 <= bytes.count ? next + length + 2 : nil
        case UInt8(ascii: "*"):
            var end = next
            for _ in 0..<max(length, 0) {
                guard let further = Self.end(of: bytes, from: end) else { return nil }
                end = further
            }
            return end
        default: return next
        }
    }
}
