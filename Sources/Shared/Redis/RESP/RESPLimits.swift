// What a server may make us hold in memory. hiredis itself bounds nesting at seven levels.

/// Bounds on one reply; a reply beyond them ends the connection with `protocolViolation`.
package struct RESPLimits: Sendable, Equatable {
    /// Bytes of one reply, payloads and headers together: 64 MiB.
    package var replyByteCountMax = 64 * 1_048_576
    /// Values in one reply, nested ones included.
    package var replyValueCountMax = 4_194_304
    /// Bytes of a status, an error, an integer or a header line: 64 KiB.
    package var lineByteCountMax = 65_536

    /// The defaults.
    package init() {}
}
