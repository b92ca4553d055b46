// Commands of Redis Functions, and the library value that a client loads when the server has lost it.

import NIOCore

/// A library of Redis Functions: Lua that opens with `#!lua name=…`.
package struct RedisFunctionLibrary: Sendable, Equatable {
    /// The library's name, as its first line says.
    package let name: String
    /// The whole Lua text.
    package let source: String

    package init(name: String, source: String) {
        self.name = name
        self.source = source
    }
}

/// FCALL: calls a function. A missing function is loaded from the client's libraries and the call repeated once.
package struct FCALL: RedisCommand {
    package typealias Response = RESPValue
    package let function: String
    package let keys: [String]
    package let arguments: [RedisArgument]
    package let isIdempotent: Bool

    /// A call of `function`; say so if calling it twice does the same as once.
    package init(
        _ function: String, keys: [String], arguments: [RedisArgument] = [], isIdempotent: Bool = false
    ) {
        self.function = function
        self.keys = keys
        self.arguments = arguments
        self.isIdempotent = isIdempotent
    }

    package var name: String { "FCALL" }

    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(function)
        encoder.write(keys.count)
        encoder.write(contentsOf: keys)
        encoder.write(contentsOf: arguments)
    }
}

/// FUNCTION LOAD REPLACE: answers the library's name.
package struct FUNCTIONLOAD: RedisCommand {
    package typealias Response = String
    package let library: RedisFunctionLibrary
    package init(_ library: RedisFunctionLibrary) { self.library = library }
    package var name: String { "FUNCTION LOAD" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write("REPLACE")
        encoder.write(library.source)
    }
}

/// FUNCTION LIST: the libraries on the server with the names of their functions.
package struct FUNCTIONLIST: RedisCommand {
    package typealias Response = [(library: String, functions: [String])]
    package init() {}
    package var name: String { "FUNCTION LIST" }
    package var isIdempotent: Bool { true }

    package func decode(_ reply: RESPValue) throws(RedisError) -> [(library: String, functions: [String])] {
        var libraries: [(library: String, functions: [String])] = []
        for library in try reply.elements() {
            var name = ""
            var functions: [String] = []
            for (field, value) in try library.pairs() {
                switch String(buffer: field) {
                case "library_name": name = try value.as()
                case "functions": functions = try Self.names(value)
                default: continue
                }
            }
            libraries.append((name, functions))
        }
        return libraries
    }

    private static func names(_ reply: RESPValue) throws(RedisError) -> [String] {
        var names: [String] = []
        for function in try reply.elements() {
            for (field, value) in try function.pairs() where String(buffer: field) == "name" {
                names.append(try value.as())
            }
        }
        return names
    }
}
