// A TCP connection that sends exactly the bytes it is given, as no HTTP client would.

import Glibc
import NIOCore
import NIOPosix
import Testing

/// What came back over a raw connection.
struct RawAnswer: Sendable {
    /// All bytes, as text.
    let text: String
    /// Whether the server closed its side.
    let isClosed: Bool
    /// Whether the server took all that was sent.
    let isAllSent: Bool

    /// The status codes of the responses, in order.
    var statuses: [String] {
        text.split(separator: "HTTP/1.1 ", omittingEmptySubsequences: true).map { String($0.prefix(3)) }
    }
}

enum RawConnection {
    /// What to do after the bytes are out.
    enum Ending {
        /// Leave the connection open.
        case open
        /// Close our side: no more is coming.
        case halfClosed
    }

    /// Sends `pieces` and reads until the server closes, or until `marker` has been read.
    static func exchange(
        port: Int, _ pieces: [String], ending: Ending = .open, untilText marker: String? = nil
    ) async throws -> RawAnswer {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    for piece in pieces {
                        guard (try? await outbound.write(ByteBuffer(string: piece))) != nil else { return false }
                    }
                    if ending == .halfClosed { outbound.finish() }
                    return true
                }
                var text = ""
                var isClosed = true
                do {
                    for try await buffer in inbound {
                        text += String(buffer: buffer)
                        if let marker, text.contains(marker) {
                            isClosed = false
                            break
                        }
                    }
                } catch let error as IOError where error.errnoCode == ECONNRESET {
                    // Whatever came before the reset counts.
                }
                return RawAnswer(text: text, isClosed: isClosed, isAllSent: try await group.next() == true)
            }
        }
    }
}
