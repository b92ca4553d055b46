// Every bound that a service puts on its clients, in one place.

/// What a client may use of a service.
package struct ServiceLimits: Sendable, Equatable {
    /// The largest request body, in bytes.
    package var bodyBytesMax = 1 << 20
    /// The longest path with query, in bytes.
    package var uriBytesMax = 8192
    /// Connections at a time; further ones wait in the kernel's queue.
    package var connectionCountMax = 8192
    /// How long a connection may lie idle, or a request's head may take, in milliseconds.
    package var idleTimeoutMs = 60_000
    /// How long a request's body may take to arrive, in milliseconds.
    package var bodyTimeoutMs = 30_000
    /// How long a client may leave a response unread, in milliseconds.
    package var writeTimeoutMs = 60_000
    /// How long the rest of a refused body is read and thrown away, in milliseconds, so that a client which writes
    /// before it reads sees the answer instead of a reset.
    package var lingerTimeoutMs = 5_000
    /// How much of a refused body is read and thrown away, in bytes.
    package var lingerBytesMax = 32 << 20

    /// The limits of a service that says nothing else.
    package static let standard = ServiceLimits()

    package init() {}
}
