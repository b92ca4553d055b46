// How a request can fail before there is an answer.

/// A request without an answer.
package struct WebClientError: Error, Sendable, CustomStringConvertible {
    /// The ways to fail; a closed set, for counting.
    package enum Code: String, Sendable, CaseIterable {
        /// Nobody listens there.
        case unreachable
        /// The answer did not come in time; the connection is closed.
        case timedOut = "timed out"
        /// The connection ended before the answer did.
        case lost = "connection lost"
        /// What came is no HTTP, or more than is read.
        case unreadable
        /// A second request was sent before the first was answered; a programmer's error.
        case busy
    }

    /// The way in which it failed.
    package let code: Code
    /// What happened.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
