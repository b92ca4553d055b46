// The module's one error: what went wrong, with which object, what the server said, and whether trying again
// can help. Secrets never enter it: requests are described by key, never by header or signature.

/// Why a store could not do what was asked.
package struct ObjectStoreError: Error, Sendable, CustomStringConvertible {
    /// The kinds that a caller may want to tell apart.
    package enum Kind: String, Sendable {
        /// No object has this key.
        case notFound
        /// The keys are wrong, or may not do this.
        case accessDenied
        /// The bucket or directory does not exist, or is somewhere else.
        case badBucket
        /// The object changed while it was read, or something else stands in the key's way.
        case conflict
        /// The server asks for fewer requests.
        case throttled
        /// The connection failed, was cut, stalled, or timed out.
        case network
        /// The server failed on its side.
        case server
        /// Bytes are not what they should be: cut short, a bad checksum, an answer that does not parse.
        case corrupted
        /// The key breaks the rules of ``ObjectKey``, or cannot be stored here.
        case invalidKey
        /// The range is empty or starts behind the object's end.
        case invalidRange
        /// More bytes or objects than the caller's limit, or than the store can hold.
        case tooLarge
        /// The configuration cannot be used.
        case configuration
        /// The file system refused: no space, no permission, an I/O error.
        case fileSystem
        /// The store was closed.
        case closed
        /// The server refused the request as such.
        case rejected
    }

    package let kind: Kind
    /// What happened and, where it helps, what to do.
    package let message: String
    /// The object concerned.
    package let key: String?
    /// The HTTP status, when a server answered.
    package let status: Int?
    /// The server's own code, such as `NoSuchKey`.
    package let serverCode: String?
    package let cause: (any Error)?

    package init(
        _ kind: Kind,
        _ message: String,
        key: String? = nil,
        status: Int? = nil,
        serverCode: String? = nil,
        cause: (any Error)? = nil
    ) {
        self.kind = kind
        self.message = message
        self.key = key
        self.status = status
        self.serverCode = serverCode
        self.cause = cause
    }

    /// Whether the same call may succeed later without anyone changing anything.
    package var isRetriable: Bool {
        switch kind {
        case .throttled, .network, .server: true
        case .notFound, .accessDenied, .badBucket, .conflict, .corrupted, .invalidKey, .invalidRange, .tooLarge,
            .configuration, .fileSystem, .closed, .rejected:
            false
        }
    }

    package var description: String {
        var text = "object store: "
        if let key { text += "'\(key)': " }
        text += message
        let origin = [status.map { "HTTP \($0)" }, serverCode].compactMap { $0 }.joined(separator: " ")
        if !origin.isEmpty { text += " (\(origin))" }
        if let cause { text += ": \(cause)" }
        return text
    }
}
