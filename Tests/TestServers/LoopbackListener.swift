// Plain blocking sockets for the servers that tests play themselves: a listener on 127.0.0.1 that gives every
// connection a thread, and a connection that can be cut from outside.

import Dispatch
import Glibc
import Synchronization

/// One side of a TCP connection.
package final class LoopbackConnection: Sendable {
    private let descriptor: Int32

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Connects to a port of 127.0.0.1.
    package convenience init(port: Int) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = LoopbackListener.address(port: port)
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        self.init(descriptor: descriptor)
        guard status == 0 else { throw TestServerError("nothing listens on port \(port)") }
    }

    deinit {
        close(descriptor)
    }

    /// The next bytes; none at the end.
    package func read() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, filled in
            filled = max(0, recv(descriptor, buffer.baseAddress, buffer.count, 0))
        }
    }

    /// Sends all bytes; false when the other side is gone.
    package func write(_ bytes: some Collection<UInt8>) -> Bool {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Ends both directions; blocked reads and writes return.
    package func cut() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }
}

/// Accepts connections until it is closed.
package final class LoopbackListener: Sendable {
    /// The port on 127.0.0.1.
    package let port: Int
    private let descriptor: Int32
    private let connections = Mutex<[LoopbackConnection]>([])

    /// - Parameter serve: runs on a thread of its own for each connection, with its number from 0.
    package init(serve: @escaping @Sendable (LoopbackConnection, Int) -> Void) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.address(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        guard isBound else { throw TestServerError("cannot listen on 127.0.0.1") }
        BlockingThread.run { [self] in
            var count = 0
            while case let accepted = accept(descriptor, nil, nil), accepted >= 0 {
                let connection = LoopbackConnection(descriptor: accepted)
                connections.withLock { $0.append(connection) }
                let number = count
                BlockingThread.run { serve(connection, number) }
                count += 1
            }
        }
    }

    /// Cuts everything.
    package func close() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        for connection in connections.withLock({ $0 }) { connection.cut() }
    }

    deinit {
        Glibc.close(descriptor)
    }

    static func address(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = UInt16(port).bigEndian
        return address
    }
}

/// Threads for blocking work; the pool behind tests' tasks is not to wait.
package enum BlockingThread {
    /// Runs `body` there.
    package static func run(_ body: @escaping @Sendable () -> Void) {
        DispatchQueue(label: "loopback").async(execute: body)
    }

    /// Runs `body` there in a while.
    package static func run(afterMs: Int, _ body: @escaping @Sendable () -> Void) {
        DispatchQueue(label: "loopback").asyncAfter(deadline: .now() + .milliseconds(afterMs), execute: body)
    }
}

/// Holds threads until it is opened.
package final class Latch: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    package init() {}

    /// Waits until somebody has opened it.
    package func wait() {
        semaphore.wait()
        semaphore.signal()
    }

    /// Lets everybody through, now and later.
    package func open() { semaphore.signal() }
}
