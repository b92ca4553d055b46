// A TCP proxy before a real server that cuts connections after a number of bytes, as a poor network would.

import Synchronization
import TestServers

/// Forwards connections to a port and counts them.
final class CuttingProxy: Sendable {
    private final class Count: Sendable {
        let connections = Atomic<Int>(0)
    }

    private let count: Count
    private let listener: LoopbackListener

    var address: String { "http://127.0.0.1:\(listener.port)" }
    var connectionCount: Int { count.connections.load(ordering: .relaxed) }

    /// - Parameters:
    ///   - port: the server's.
    ///   - cutAfter: how many bytes a connection of this number, from 0, may bring back; nil for any.
    init(to port: Int, cutAfter: @escaping @Sendable (Int) -> Int?) throws {
        let count = Count()
        self.count = count
        listener = try LoopbackListener { client, number in
            count.connections.add(1, ordering: .relaxed)
            guard let server = try? LoopbackConnection(port: port) else { return client.cut() }
            BlockingThread.run {
                while case let bytes = client.read(), !bytes.isEmpty, server.write(bytes) {}
                server.cut()
            }
            var left = cutAfter(number) ?? .max
            while left > 0, case let bytes = server.read().prefix(left), !bytes.isEmpty, client.write(bytes) {
                left -= bytes.count
            }
            client.cut()
            server.cut()
        }
    }

    func close() {
        listener.close()
    }
}
