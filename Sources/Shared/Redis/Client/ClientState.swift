// What a client knows, as one value under one lock: its connections and its figures.

struct ClientState {
    /// Set by a graceful shutdown, for ever.
    private(set) var isStopped = false
    private(set) var ready: [RedisConnection] = []
    private(set) var dedicated: [ObjectIdentifier: RedisConnection] = [:]
    private var dedicatedCount = 0
    /// Why the last attempt to connect failed; nil again after a success.
    var lastFailure: RedisError?
    var counters = RedisClientCounters()

    /// The ready connection of the event loop that the caller is on, so that neither the commands nor the replies change
    /// threads; for callers elsewhere the one with the fewest commands in flight.
    mutating func pick() -> RedisConnection? {
        guard var best = ready.first else { return nil }
        counters.roundTripCount &+= 1
        guard ready.count > 1 else { return best }
        if let near = ready.first(where: { $0.isOnEventLoop }) { return near }
        var fewest = best.commandsInFlight
        for connection in ready.dropFirst() {
            let count = connection.commandsInFlight
            if count < fewest { (best, fewest) = (connection, count) }
        }
        return best
    }

    /// A connection is ready. False when the client stopped meanwhile.
    mutating func add(_ connection: RedisConnection, isReconnect: Bool) -> Bool {
        guard !isStopped else { return false }
        ready.append(connection)
        lastFailure = nil
        if isReconnect { counters.reconnectCount &+= 1 }
        return true
    }

    mutating func remove(_ connection: RedisConnection) {
        ready.removeAll { $0 === connection }
    }

    /// Reserves a place for a dedicated connection, or tells why there is none.
    mutating func reserveDedicated(countMax: Int) -> RedisError? {
        guard !isStopped else { return Self.stopped }
        guard dedicatedCount < countMax else {
            return RedisError(.overloaded, "\(countMax) dedicated connections are open already")
        }
        dedicatedCount += 1
        return nil
    }

    /// Fills a reserved place; false when the client stopped meanwhile.
    mutating func addDedicated(_ connection: RedisConnection) -> Bool {
        guard !isStopped else { return false }
        dedicated[ObjectIdentifier(connection)] = connection
        return true
    }

    mutating func releaseDedicated(_ connection: RedisConnection?) {
        dedicatedCount -= 1
        if let connection { dedicated[ObjectIdentifier(connection)] = nil }
    }

    /// No further call is accepted. Returns every connection there is.
    mutating func stop() -> [RedisConnection] {
        isStopped = true
        return ready + dedicated.values
    }

    static let stopped = RedisError(.shuttingDown, "the client is shutting down")
}
