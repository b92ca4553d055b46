// Reads a connection URL. Errors name the part that is wrong and what it should look like; they never quote the URL,
// which may hold a password.

extension RedisConfiguration {
    /// Reads `redis://[user[:password]@]host[:port][/db]`, `rediss://…` for TLS, and `unix:///path?db=n` (also
    /// `redis+unix://`). Query options of `rediss`: `ca`, `cert`, `key` (PEM files), `verify=false` (for trials).
    package init(url: String) throws(RedisError) {
        guard let schemeEnd = url.firstRange(of: "://") else {
            throw Self.problem("the URL has no scheme; write redis://host:6379, rediss://host:6379 or unix:///path")
        }
        let scheme = url[..<schemeEnd.lowerBound].lowercased()
        let (locator, query) = Self.cut(url[schemeEnd.upperBound...], at: "?")
        let options = try Self.options(query)
        switch scheme {
        case "redis", "rediss":
            try self.init(networkLocator: locator)
            if scheme == "rediss" { tls = TLS() }
        case "unix", "redis+unix":
            try self.init(socketLocator: locator)
        default:
            throw Self.problem("the scheme \"\(scheme)\" is unknown; use redis, rediss or unix")
        }
        for (name, value) in options { try apply(option: name, value: value) }
    }

    private init(networkLocator locator: Substring) throws(RedisError) {
        let (credentials, location) = Self.cutCredentials(locator)
        let (authority, path) = Self.cut(location, at: "/")
        let (host, portText) = try Self.hostAndPort(authority)
        guard !host.isEmpty else { throw Self.problem("the URL names no host; write redis://host:6379") }
        var port = 6379
        if let portText {
            guard let number = Int(portText), (1...65_535).contains(number) else {
                throw Self.problem("the port \"\(portText)\" is not a number from 1 to 65535")
            }
            port = number
        }
        self.init(address: .tcp(host: host, port: port))
        try apply(credentials: credentials)
        if let path, !path.isEmpty { database = try Self.database(path) }
    }

    private init(socketLocator locator: Substring) throws(RedisError) {
        // Only what stands in front of the path can be credentials: a path may hold an @ itself.
        let authority = locator.prefix { $0 != "/" }
        let (credentials, unexpected) = Self.cutCredentials(authority)
        let path = try Self.decoded(unexpected + locator[authority.endIndex...])
        guard path.hasPrefix("/") else {
            throw Self.problem("a socket path is absolute: write unix:///run/redis.sock, with three slashes")
        }
        // sockaddr_un holds 108 bytes, a closing zero among them.
        guard path.utf8.count < 108 else { throw Self.problem("the socket path is longer than 107 bytes") }
        self.init(address: .unixSocket(path: path))
        try apply(credentials: credentials)
    }

    private mutating func apply(credentials: Substring?) throws(RedisError) {
        guard let credentials else { return }
        let (userText, passwordText) = Self.cut(credentials, at: ":")
        let userName = try Self.decoded(userText)
        user = userName.isEmpty ? nil : userName
        if let passwordText {
            let text = try Self.decoded(passwordText)
            password = text.isEmpty ? nil : text
        }
        if user != nil, password == nil {
            throw Self.problem("the URL names a user but no password; write redis://user:password@host")
        }
    }

    private mutating func apply(option name: String, value: String) throws(RedisError) {
        switch (name, tls) {
        case ("db", _): database = try Self.database(value[...])
        case ("ca", .some): tls?.authorityFile = value
        case ("cert", .some): tls?.certificateFile = value
        case ("key", .some): tls?.privateKeyFile = value
        case ("verify", .some):
            guard value == "true" || value == "false" else { throw Self.problem("verify is true or false") }
            tls?.verifiesServer = value == "true"
        case ("ca", nil), ("cert", nil), ("key", nil), ("verify", nil):
            throw Self.problem("the option \"\(name)\" needs TLS: write rediss:// instead of redis://")
        default: throw Self.problem("the option \"\(name)\" is unknown; there are db, ca, cert, key and verify")
        }
    }

    /// The user information ends at the last `@` of the authority: a password may hold one itself.
    private static func cutCredentials(_ locator: Substring) -> (credentials: Substring?, location: Substring) {
        guard let at = locator.lastIndex(of: "@") else { return (nil, locator) }
        return (locator[..<at], locator[locator.index(after: at)...])
    }

    private static func hostAndPort(_ authority: Substring) throws(RedisError) -> (host: String, port: Substring?) {
        guard authority.hasPrefix("[") else {
            let (host, port) = cut(authority, at: ":")
            if port?.contains(":") == true {
                throw problem("an IPv6 address stands in brackets: write redis://[::1]:6379")
            }
            return (try decoded(host), port)
        }
        guard let end = authority.firstIndex(of: "]") else {
            throw problem("the bracket of the IPv6 address is not closed; write redis://[::1]:6379")
        }
        let host = String(authority[authority.index(after: authority.startIndex)..<end])
        let rest = authority[authority.index(after: end)...]
        guard rest.isEmpty || rest.hasPrefix(":") else { throw problem("only :port may follow an IPv6 address") }
        return (host, rest.isEmpty ? nil : rest.dropFirst())
    }

    private static func database(_ text: Substring) throws(RedisError) -> Int {
        guard let number = Int(text), number >= 0 else {
            throw problem("the database \"\(text)\" is not a number from 0")
        }
        return number
    }

    private static func options(_ query: Substring?) throws(RedisError) -> [(name: String, value: String)] {
        var options: [(name: String, value: String)] = []
        for option in (query ?? "").split(separator: "&") {
            let (name, value) = cut(option, at: "=")
            options.append((try decoded(name), try decoded(value ?? "")))
        }
        return options
    }

    private static func cut(_ text: Substring, at separator: Character) -> (head: Substring, tail: Substring?) {
        guard let index = text.firstIndex(of: separator) else { return (text, nil) }
        return (text[..<index], text[text.index(after: index)...])
    }

    private static func decoded(_ text: Substring) throws(RedisError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(Substring(rest.prefix(2))), radix: 16) else {
                throw problem("a percent sign in the URL is not followed by two hexadecimal digits; write %25 for it")
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw problem("the URL decodes to bytes that are not UTF-8")
        }
        return decoded
    }

    private static func problem(_ message: String) -> RedisError {
        RedisError(.invalidConfiguration, message)
    }
}
