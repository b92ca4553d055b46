// The one error type of the Redis module: what went wrong, for which command, and what the caller may do about it.
// The fields are boxed, so that a `Result` of a reply or an error stays three words wide on the hot path.

/// What went wrong with a Redis call, and whether the call may be made again.
package struct RedisError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure. The first group is ours; the second is what the server answered.
    package enum Code: String, Sendable, Equatable {
        /// The configuration cannot work: a malformed URL, an unreadable certificate file.
        case invalidConfiguration
        /// No connection could be made, or none became ready before the deadline.
        case connectFailed
        /// The connection broke while the command was under way.
        case connectionLost
        /// The deadline passed before the reply arrived.
        case deadlineExceeded
        /// The calling task was cancelled.
        case cancelled
        /// The bound on commands in flight, or on callers waiting for a connection, is reached.
        case overloaded
        /// The client or the connection is shutting down.
        case shuttingDown
        /// The command cannot be sent over this kind of connection.
        case misuse
        /// The server sent bytes that are not RESP, or a reply beyond the limits.
        case protocolViolation
        /// The reply is valid RESP but not of the shape this command answers with.
        case unexpectedReply

        case loading, busy, tryAgain, clusterDown, masterDown, readOnly, outOfMemory
        case moved, ask
        case notAuthenticated, wrongPassword, noPermission
        case busyGroup, noGroup, functionNotFound, noScript, wrongType
        /// Any other error reply; the message is the server's own.
        case serverRefused
    }

    private final class Storage: Sendable {
        let code: Code
        let message: String
        let commandName: String?
        let cause: (any Error)?
        let wasPossiblyExecuted: Bool
        let isIdempotent: Bool

        init(
            code: Code, message: String, commandName: String?, cause: (any Error)?,
            wasPossiblyExecuted: Bool, isIdempotent: Bool
        ) {
            self.code = code
            self.message = message
            self.commandName = commandName
            self.cause = cause
            self.wasPossiblyExecuted = wasPossiblyExecuted
            self.isIdempotent = isIdempotent
        }
    }

    private let storage: Storage

    /// Makes an error; `wasPossiblyExecuted` is true when the command's bytes may have reached the server.
    package init(
        _ code: Code, _ message: String, commandName: String? = nil, cause: (any Error)? = nil,
        wasPossiblyExecuted: Bool = false, isIdempotent: Bool = false
    ) {
        self.storage = Storage(
            code: code, message: message, commandName: commandName, cause: cause,
            wasPossiblyExecuted: wasPossiblyExecuted, isIdempotent: isIdempotent)
    }

    /// The kind of failure.
    package var code: Code { storage.code }
    /// What happened and what to do, in one sentence; for an error reply, the server's own text.
    package var message: String { storage.message }
    /// The command that failed, where one is to blame.
    package var commandName: String? { storage.commandName }
    /// The error below this one.
    package var cause: (any Error)? { storage.cause }
    /// True when the server may have carried the command out although no reply was seen.
    package var wasPossiblyExecuted: Bool { storage.wasPossiblyExecuted }

    /// True when repeating the call is safe and a later attempt may succeed: the command never reached the server, or
    /// was refused before execution for a passing reason, or does the same when done twice.
    package var isRetriable: Bool {
        switch code {
        case .connectFailed, .overloaded: true
        case .connectionLost, .deadlineExceeded: !storage.wasPossiblyExecuted || storage.isIdempotent
        case .loading, .busy, .tryAgain, .clusterDown, .masterDown, .readOnly, .outOfMemory: true
        case .functionNotFound, .noScript: true
        default: false
        }
    }

    package var description: String {
        var text = "Redis"
        if let commandName { text += " \(commandName)" }
        text += ": \(message) [\(code.rawValue)]"
        if let cause { text += " (\(cause))" }
        return text
    }

    /// The same failure, told about one command.
    func forCommand(_ name: String, isIdempotent: Bool) -> RedisError {
        RedisError(
            code, message, commandName: name, cause: cause,
            wasPossiblyExecuted: wasPossiblyExecuted, isIdempotent: isIdempotent)
    }

    /// The same failure of a command whose bytes may have reached the server.
    func afterSending() -> RedisError {
        RedisError(
            code, message, commandName: commandName, cause: cause,
            wasPossiblyExecuted: true, isIdempotent: storage.isIdempotent)
    }

    /// A reply of a shape that the command never answers with.
    static func unexpected(_ expected: String, _ reply: RESPValue) -> RedisError {
        RedisError(
            .unexpectedReply, "expected \(expected), the server answered \(reply.shape)", wasPossiblyExecuted: true)
    }
}
