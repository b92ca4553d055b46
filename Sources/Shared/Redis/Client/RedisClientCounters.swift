// What a client can say about itself, as plain numbers that are cheap to take.

/// A snapshot of a client's figures; the counts grow for ever.
package struct RedisClientCounters: Sendable, Equatable {
    /// Shared connections that are ready now.
    package var connectionsReady = 0
    /// Commands sent on them and not yet answered now.
    package var commandsInFlight = 0
    /// Callers that wait for a connection now.
    package var waiters = 0
    /// Pipelines sent, a single command counting as one, retries counted again.
    package var roundTripCount = 0
    /// Connections made after the first of each place.
    package var reconnectCount = 0
    /// Attempts to connect that failed.
    package var connectFailureCount = 0
    /// Pipelines that were sent again after their connection broke.
    package var retryCount = 0
    /// Times the function libraries were loaded because a call missed them.
    package var functionLoadCount = 0
}
