// What a client knows, as one value under one lock: its ready connections, and who waits for one.

struct ClientState {
    enum Phase {
        case serving
        case stopped
    }

    typealias Waiter = CheckedContinuation<Result<RedisConnection, RedisError>, Never>

    private(set) var phase = Phase.serving
    private(set) var ready: [RedisConnection] = []
    private(set) var dedicated: [ObjectIdentifier: RedisConnection] = [:]
    private var dedicatedCount = 0
    private var waiters: [Int: Waiter] = [:]
    private var waiterNumber = 0
    /// Why the last attempt to connect failed, for the error of those who waited in vain.
    var lastFailure: RedisError?
    var counters = RedisClientCounters()

    var waiterCount: Int { waiters.count }

    /// The ready connection with the fewest commands in flight.
    mutating func pick() -> RedisConnection? {
        guard var best = ready.first else { return nil }
        counters.roundTripCount &+= 1
        guard ready.count > 1 else { return best }
        var fewest = best.commandsInFlight
        for connection in ready.dropFirst() {
            let count = connection.commandsInFlight
            if count < fewest { (best, fewest) = (connection, count) }
        }
        return best
    }

    /// A connection is ready. Returns those who waited for one.
    mutating func add(_ connection: RedisConnection) -> [Waiter] {
        ready.append(connection)
        lastFailure = nil
        counters.roundTripCount &+= waiters.count
        return takeWaiters()
    }

    mutating func remove(_ connection: RedisConnection) {
        ready.removeAll { $0 === connection }
    }

    /// A number for a new waiter, or why it may not wait.
    mutating func admitWaiter(countMax: Int) -> Result<Int, RedisError> {
        guard phase == .serving else { return .failure(Self.stopped) }
        guard waiters.count < countMax else {
            return .failure(
                RedisError(.overloaded, "\(countMax) callers already wait for a connection", cause: lastFailure))
        }
        waiterNumber += 1
        return .success(waiterNumber)
    }

    /// Registers a waiter; false when a connection came, or the client stopped, in between.
    mutating func addWaiter(_ number: Int, _ waiter: Waiter) -> Bool {
        guard phase == .serving, ready.isEmpty else { return false }
        waiters[number] = waiter
        return true
    }

    mutating func takeWaiter(_ number: Int) -> Waiter? { waiters.removeValue(forKey: number) }

    private mutating func takeWaiters() -> [Waiter] {
        defer { waiters = [:] }
        return Array(waiters.values)
    }

    /// Reserves a place for a dedicated connection, or tells why there is none.
    mutating func reserveDedicated(countMax: Int) -> RedisError? {
        guard phase == .serving else { return Self.stopped }
        guard dedicatedCount < countMax else {
            return RedisError(.overloaded, "\(countMax) dedicated connections are open already")
        }
        dedicatedCount += 1
        return nil
    }

    /// Fills a reserved place; false when the client stopped meanwhile.
    mutating func addDedicated(_ connection: RedisConnection) -> Bool {
        guard phase == .serving else { return false }
        dedicated[ObjectIdentifier(connection)] = connection
        return true
    }

    mutating func releaseDedicated(_ connection: RedisConnection?) {
        dedicatedCount -= 1
        if let connection { dedicated[ObjectIdentifier(connection)] = nil }
    }

    /// No further call is accepted. Returns those who waited.
    mutating func stop() -> [Waiter] {
        phase = .stopped
        return takeWaiters()
    }

    static let stopped = RedisError(.shuttingDown, "the client is shutting down")
}
