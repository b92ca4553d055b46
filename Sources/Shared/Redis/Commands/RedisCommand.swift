// A command is a value: its name, how it writes its arguments, how it reads its reply, and whether it may be repeated.

/// A Redis command with a typed response. Structs are named as Redis names the command.
package protocol RedisCommand: Sendable {
    /// What the reply decodes to.
    associatedtype Response: Sendable

    /// The command's name; two words where Redis has a subcommand.
    var name: String { get }

    /// True when doing it twice leaves the same state as doing it once, so that a call lost with its connection may be
    /// repeated. A count in the answer may then leave out what the first attempt already did.
    var isIdempotent: Bool { get }

    /// How long the server may hold the reply back, in milliseconds; nil for commands that answer at once. A blocking
    /// command is only sent on a dedicated connection.
    var blockMs: Int? { get }

    /// Writes the arguments behind the name.
    func encode(into encoder: inout CommandEncoder)

    /// Reads a reply that is not an error.
    func decode(_ reply: RESPValue) throws(RedisError) -> Response
}

extension RedisCommand {
    package var isIdempotent: Bool { false }
    package var blockMs: Int? { nil }
    package func encode(into encoder: inout CommandEncoder) {}
}

extension RedisCommand where Response: RESPDecodable {
    package func decode(_ reply: RESPValue) throws(RedisError) -> Response { try Response.decode(reply) }
}

extension RedisCommand where Response == Void {
    /// A command whose only news is that it succeeded.
    package func decode(_ reply: RESPValue) throws(RedisError) {}
}

/// Any command at all; the reply is handed out as it is.
package struct RawCommand: RedisCommand {
    package typealias Response = RESPValue
    package let name: String
    package let arguments: [RedisArgument]
    package let isIdempotent: Bool
    package let blockMs: Int?

    /// The command `name` with `arguments`; say so if it may be repeated, and how long it may block.
    package init(_ name: String, _ arguments: [RedisArgument] = [], isIdempotent: Bool = false, blockMs: Int? = nil) {
        self.name = name
        self.arguments = arguments
        self.isIdempotent = isIdempotent
        self.blockMs = blockMs
    }

    package func encode(into encoder: inout CommandEncoder) { encoder.write(contentsOf: arguments) }
}
