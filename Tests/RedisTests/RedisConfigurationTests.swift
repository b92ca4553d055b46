// Connection URLs: what they mean, what is refused and how it is told.

import Redis
import Testing

struct RedisConfigurationTests {
    @Test func `a plain URL takes the default port and database`() throws {
        let configuration = try RedisConfiguration(url: "redis://cache.internal")
        #expect(configuration.address == .tcp(host: "cache.internal", port: 6379))
        #expect(configuration.database == 0)
        #expect(configuration.user == nil)
        #expect(configuration.password == nil)
        #expect(configuration.tls == nil)
    }

    @Test func `every part of a URL is read`() throws {
        let configuration = try RedisConfiguration(url: "redis://reader:p%40ss%2Fword:x@10.0.0.1:7000/3")
        #expect(configuration.address == .tcp(host: "10.0.0.1", port: 7000))
        #expect(configuration.user == "reader")
        #expect(configuration.password == "p@ss/word:x")
        #expect(configuration.database == 3)
        #expect(try RedisConfiguration(url: "redis://:secret@host").user == nil)
        #expect(try RedisConfiguration(url: "redis://[::1]:7000").address == .tcp(host: "::1", port: 7000))
        #expect(try RedisConfiguration(url: "redis://host?db=4").database == 4)
    }

    @Test func `TLS options are read`() throws {
        let tls = try RedisConfiguration(url: "rediss://host/1?ca=/etc/ca.pem&cert=/c.pem&key=%2Fk.pem").tls
        #expect(tls?.authorityFile == "/etc/ca.pem")
        #expect(tls?.certificateFile == "/c.pem")
        #expect(tls?.privateKeyFile == "/k.pem")
        #expect(tls?.verifiesServer == true)
        #expect(try RedisConfiguration(url: "rediss://host?verify=false").tls?.verifiesServer == false)
    }

    @Test(arguments: ["unix:///run/a@b/redis.sock?db=2", "redis+unix:///run/a@b/redis.sock?db=2"])
    func `a socket URL names a path`(url: String) throws {
        let configuration = try RedisConfiguration(url: url)
        #expect(configuration.address == .unixSocket(path: "/run/a@b/redis.sock"))
        #expect(configuration.database == 2)
        let protected = try RedisConfiguration(url: "unix://:secret@/run/redis.sock")
        #expect(protected.address == .unixSocket(path: "/run/redis.sock"))
        #expect(protected.password == "secret")
    }

    @Test(arguments: [
        ("localhost:6379", "no scheme"), ("http://host", "scheme"), ("redis://", "no host"),
        ("redis://host:0", "port"), ("redis://host:65536", "port"), ("redis://host:abc", "port"),
        ("redis://host/first", "database"), ("redis://host/-1", "database"), ("redis://::1:6379", "brackets"),
        ("redis://[::1", "bracket"), ("redis://[::1]x", "only :port"), ("redis://user@host", "password"),
        ("redis://:%zz@host", "hexadecimal"), ("redis://:%ff@host", "UTF-8"), ("redis://host?ca=/x", "rediss"),
        ("redis://host?color=red", "unknown"), ("rediss://host?verify=maybe", "true or false"),
        ("unix://relative/path", "absolute"),
        ("unix:///" + String(repeating: "x", count: 107), "longer"),
    ])
    func `a URL that cannot work is refused with its reason`(url: String, reason: String) {
        let error = #expect(throws: RedisError.self) { try RedisConfiguration(url: url) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: ["redis://user:geheim@host", "rediss://:geheim@host/3", "unix://user:geheim@/run/redis.sock"])
    func `the description never shows the password`(url: String) throws {
        let configuration = try RedisConfiguration(url: url)
        for text in ["\(configuration)", String(reflecting: configuration), "\([configuration])"] {
            #expect(!text.contains("geheim"), "\(text)")
        }
        #expect("\(configuration)".contains("***"))
    }

    @Test func `an unreadable authority is told before anything is connected`() throws {
        let configuration = try RedisConfiguration(url: "rediss://127.0.0.1?cert=/does/not/exist.pem")
        let error = #expect(throws: RedisError.self) { try RedisClient(configuration) }
        #expect(error?.code == .invalidConfiguration)
    }
}
