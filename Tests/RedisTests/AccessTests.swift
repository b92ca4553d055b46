// Who is let in, and over what: passwords, access rules, TLS, Unix sockets, databases.

import Fixtures
import NIOCore
import Redis
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1)))
struct AccessTests {
    private static let rules = [
        "user default on >master ~* &* +@all", "user reader on >s3cr:et/ ~public:* resetchannels +get +ping",
    ]

    private var guarded: RedisServer.Options {
        var options = RedisServer.Options()
        options.accessRules = Self.rules
        return options
    }

    private func configuration(_ server: RedisServer, user: String?, password: String?) throws -> RedisConfiguration {
        var configuration = try RedisConfiguration(url: server.url)
        configuration.user = user
        configuration.password = password
        return configuration
    }

    @Test func `a user does what the access rules allow and no more`() async throws {
        try await withRedisServer(guarded) { server in
            let reader = try configuration(server, user: "reader", password: "s3cr:et/")
            try await withRedisClient(reader) { client async throws in
                #expect(try await client.send(GET("public:k")) == nil)
                let hidden = await #expect(throws: RedisError.self) { try await client.send(GET("private:k")) }
                #expect(hidden?.code == .noPermission)
                let error = await #expect(throws: RedisError.self) { try await client.send(SET("public:k", "v")) }
                #expect(error?.code == .noPermission)
                #expect(error?.commandName == "SET")
            }
            let master = try configuration(server, user: nil, password: "master")
            try await withRedisClient(master) { client async throws in
                #expect(try await client.send(ACLWHOAMI()) == "default")
            }
        }
    }

    @Test(arguments: [
        (String?.some("reader"), String?.some("wrong"), RedisError.Code.wrongPassword), (nil, nil, .notAuthenticated),
    ])
    func `who is not let in learns why`(user: String?, password: String?, code: RedisError.Code) async throws {
        try await withRedisServer(guarded) { server in
            var stranger = try configuration(server, user: user, password: password)
            stranger.deadlineMs = 20
            try await withRedisClient(stranger) { client async throws in
                try await hasFailedToConnect(client)
                let error = await #expect(throws: RedisError.self) { try await client.send(GET("k")) }
                #expect(error?.code == .connectFailed)
                #expect((error?.cause as? RedisError)?.code == code)
                #expect("\(String(describing: error))".contains("s3cr") == false)
                let dedicated = await #expect(throws: RedisError.self) {
                    try await client.withDedicatedConnection { _ in }
                }
                #expect(dedicated?.code == code)
            }
        }
    }

    private func hasFailedToConnect(_ client: RedisClient) async throws {
        try await eventually("an attempt to connect has failed") { client.counters.connectFailureCount > 0 }
    }

    @Test func `TLS with the right authority works, by address and by name`() async throws {
        var options = RedisServer.Options()
        options.isTLS = true
        try await withRedisServer(options) { server in
            for host in ["127.0.0.1", "localhost"] {
                var configuration = try RedisConfiguration(url: server.url)
                configuration.address = .tcp(host: host, port: server.port)
                let value = ByteBuffer(repeating: 7, count: 500_000)
                let read = try await withRedisClient(configuration) { client async throws in
                    try await client.pipeline(SET("k", .buffer(value)), GET("k")).1
                }
                #expect(read == value)
            }
        }
    }

    @Test func `TLS with another authority is refused`() async throws {
        var options = RedisServer.Options()
        options.isTLS = true
        let strangers = try TemporaryFolder("ca")
        defer { strangers.remove() }
        try await ServerCertificates.make(in: strangers)
        try await withRedisServer(options) { server in
            var configuration = try RedisConfiguration(url: server.url)
            configuration.tls?.authorityFile = strangers.appending(ServerCertificates.authorityFile)
            configuration.deadlineMs = 20
            try await withRedisClient(configuration) { client async throws in
                try await hasFailedToConnect(client)
                let error = await #expect(throws: RedisError.self) { try await client.send(PING()) }
                #expect(error?.code == .connectFailed)
                #expect("\(String(describing: error))".contains("CERTIFICATE_VERIFY_FAILED"))
            }
            configuration.tls?.verifiesServer = false
            try await withRedisClient(configuration) { client async throws in
                #expect(try await client.send(PING(), deadlineMs: 20_000) == "PONG")
            }
        }
    }

    @Test func `a server that asks for a certificate gets one`() async throws {
        var options = RedisServer.Options()
        options.isTLS = true
        options.wantsClientCertificate = true
        try await withRedisServer(options) { server in
            var configuration = try RedisConfiguration(url: server.url)
            configuration.deadlineMs = 20
            try await withRedisClient(configuration) { client async throws in
                try await hasFailedToConnect(client)
                let error = await #expect(throws: RedisError.self) { try await client.send(PING()) }
                #expect(error?.code == .connectFailed)
            }
            configuration.tls?.certificateFile = server.folder.appending(ServerCertificates.certificateFile)
            configuration.tls?.privateKeyFile = server.folder.appending(ServerCertificates.keyFile)
            try await withRedisClient(configuration) { client async throws in
                #expect(try await client.send(PING(), deadlineMs: 20_000) == "PONG")
            }
        }
    }

    @Test func `a Unix socket serves, and databases are apart`() async throws {
        try await withRedisServer { server in
            let first = try RedisConfiguration(url: server.socketURL)
            let second = try RedisConfiguration(url: server.socketURL + "?db=2")
            _ = try await withRedisClient(first) { try await $0.send(SET("k", "v")) }
            try await withRedisClient(second) { client async throws in
                #expect(try await client.send(GET("k")) == nil)
                _ = try await client.send(SET("k2", "w"))
            }
            try await withRedisClient(try RedisConfiguration(url: server.url + "/2")) { client async throws in
                #expect(try await client.send(GET("k2")) == ByteBuffer(string: "w"))
            }
        }
    }

    @Test func `memory that has run out is told as such`() async throws {
        var options = RedisServer.Options()
        options.arguments = ["--maxmemory", "2mb", "--maxmemory-policy", "noeviction"]
        try await withRedisServer(options) { server in
            try await withRedisClient(try RedisConfiguration(url: server.url)) { client async throws in
                let value = RedisArgument.buffer(ByteBuffer(repeating: 1, count: 100_000))
                let error = await #expect(throws: RedisError.self) {
                    for number in 0..<100 { _ = try await client.send(SET("k\(number)", value)) }
                }
                #expect(error?.code == .outOfMemory)
                #expect(error?.wasPossiblyExecuted == false)
            }
        }
    }
}
