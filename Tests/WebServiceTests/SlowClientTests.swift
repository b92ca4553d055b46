// Clients that hold a connection without using it. Each test waits for the server to close; none measures how long.

import NIOCore
import NIOEmbedded
import Testing

@testable import WebService

@Suite(.timeLimit(.minutes(1))) struct SlowClientTests {
    @Test(arguments: ["", "GET /hello HTTP/1.1\r\nHos", "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"])
    func `a connection that lies idle is closed`(sent: String) async throws {
        var limits = ServiceLimits.standard
        limits.idleTimeoutMs = 50
        try await SampleService.withPort(limits: limits) { port in
            let answer = try await RawConnection.exchange(port: port, [sent])
            #expect(answer.isClosed)
        }
    }

    @Test func `a body that does not arrive in time ends the connection`() async throws {
        var limits = ServiceLimits.standard
        limits.bodyTimeoutMs = 50
        try await SampleService.withPort(limits: limits) { port in
            let request = "POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nten bytes!"
            let answer = try await RawConnection.exchange(port: port, [request])
            #expect(answer.isClosed)
            #expect(!answer.statuses.contains("200"))
        }
    }

    @Test func `a client that does not read its responses loses the connection`() throws {
        var limits = ServiceLimits.standard
        limits.writeTimeoutMs = 50
        let channel = EmbeddedChannel(handler: ConnectionGuard(limits: limits))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(49))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(!channel.isActive)
    }

    @Test func `a client that reads on in time keeps the connection`() throws {
        var limits = ServiceLimits.standard
        limits.writeTimeoutMs = 50
        let channel = EmbeddedChannel(handler: ConnectionGuard(limits: limits))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        for isWritable in [false, true] {
            channel.isWritable = isWritable
            channel.pipeline.fireChannelWritabilityChanged()
        }
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(channel.isActive)
        #expect(try channel.finish().isClean)
    }
}
