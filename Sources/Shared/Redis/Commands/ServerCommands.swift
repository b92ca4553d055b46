// Commands on the server itself, and PUBLISH.

import NIOCore

/// PING: answers PONG.
package struct PING: RedisCommand {
    package typealias Response = String
    package init() {}
    package var name: String { "PING" }
    package var isIdempotent: Bool { true }
}

/// PUBLISH: how many subscribers of this node heard the message.
package struct PUBLISH: RedisCommand {
    package typealias Response = Int
    package let channel: String
    package let payload: RedisArgument
    package init(_ channel: String, _ payload: RedisArgument) {
        self.channel = channel
        self.payload = payload
    }
    package var name: String { "PUBLISH" }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(channel)
        encoder.write(payload)
    }
}

/// INFO: the server's figures by name, of one section or of all the default ones.
package struct INFO: RedisCommand {
    package typealias Response = [String: String]
    package let section: String?
    package init(_ section: String? = nil) { self.section = section }
    package var name: String { "INFO" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) {
        if let section { encoder.write(section) }
    }

    package func decode(_ reply: RESPValue) throws(RedisError) -> [String: String] {
        var figures: [String: String] = [:]
        for line in try reply.as(String.self).split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            figures[String(line[..<colon])] = String(line[line.index(after: colon)...])
        }
        return figures
    }
}

/// CONFIG GET: the settings whose names match a pattern.
package struct CONFIGGET: RedisCommand {
    package typealias Response = [String: String]
    package let pattern: String
    package init(_ pattern: String) { self.pattern = pattern }
    package var name: String { "CONFIG GET" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) { encoder.write(pattern) }

    package func decode(_ reply: RESPValue) throws(RedisError) -> [String: String] {
        var settings: [String: String] = [:]
        for (field, value) in try reply.pairs() { settings[String(buffer: field)] = try value.as(String.self) }
        return settings
    }
}

/// TIME: the server's clock in Unix microseconds.
package struct TIME: RedisCommand {
    package typealias Response = Int
    package init() {}
    package var name: String { "TIME" }
    package var isIdempotent: Bool { true }
    package func decode(_ reply: RESPValue) throws(RedisError) -> Int {
        let parts = try reply.elements(atLeast: 2)
        return try parts[0].as(Int.self) * 1_000_000 + parts[1].as(Int.self)
    }
}

/// DBSIZE: the number of keys in the database.
package struct DBSIZE: RedisCommand {
    package typealias Response = Int
    package init() {}
    package var name: String { "DBSIZE" }
    package var isIdempotent: Bool { true }
}

/// MEMORY USAGE: the bytes a key takes, nil when there is none.
package struct MEMORYUSAGE: RedisCommand {
    package typealias Response = Int?
    package let key: String
    package init(_ key: String) { self.key = key }
    package var name: String { "MEMORY USAGE" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) { encoder.write(key) }
}

/// ACL WHOAMI: the user this connection speaks for.
package struct ACLWHOAMI: RedisCommand {
    package typealias Response = String
    package init() {}
    package var name: String { "ACL WHOAMI" }
    package var isIdempotent: Bool { true }
}
