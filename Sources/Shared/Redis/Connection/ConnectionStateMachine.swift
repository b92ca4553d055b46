// The life of one connection as a value: it is told what happened and answers with what to do. It never touches a
// socket, a clock or a queue; `RedisChannelHandler` performs its actions.

/// One command of the greeting that opens a connection.
enum GreetingStep: Sendable, Equatable {
    /// AUTH: fails the connection when refused.
    case authenticate
    /// CLIENT SETNAME: a courtesy, whose refusal is ignored.
    case nameClient
    /// SELECT: fails the connection when refused.
    case selectDatabase
    /// PING: finds out whether the server asks for a password, or is still loading its data.
    case ping
}

struct ConnectionStateMachine: Sendable {
    private enum State: Sendable {
        case connecting
        case greeting(remaining: [GreetingStep])
        case ready
        case subscribed
        case draining
        case closed(RedisError)
    }

    /// What to do with a reply.
    enum ReplyAction: Sendable {
        /// The greeting goes on; wait for its next reply.
        case awaitGreeting
        /// The greeting is over; commands may be sent.
        case becomeReady
        /// The reply answers the oldest command in flight.
        case deliver
        /// The reply is a message of a subscription.
        case push
        /// Fail everything and close the socket.
        case close(RedisError)
        case ignore
    }

    private var state = State.connecting

    /// Whether commands may be sent.
    var isReady: Bool {
        if case .ready = state { true } else { false }
    }

    /// Whether every reply is a message of a subscription.
    var isSubscribed: Bool {
        if case .subscribed = state { true } else { false }
    }

    /// Why the connection is closed; nil while it is not.
    var closeReason: RedisError? {
        if case .closed(let reason) = state { reason } else { nil }
    }

    /// The socket is connected; the steps are to be sent at once, behind one another.
    mutating func connected(greeting: [GreetingStep]) -> [GreetingStep] {
        guard case .connecting = state else { return [] }
        state = .greeting(remaining: greeting)
        return greeting
    }

    /// A reply arrived; `isAwaited` tells whether a command in flight waits for one.
    mutating func replied(_ reply: RESPValue, isAwaited: Bool) -> ReplyAction {
        switch state {
        case .greeting(let remaining): return greeted(reply, remaining)
        case .ready, .draining:
            guard isAwaited else {
                let error = RedisError(.protocolViolation, "the server sent a reply that nobody asked for")
                return .close(error)
            }
            return .deliver
        case .subscribed: return .push
        case .connecting, .closed: return .ignore
        }
    }

    private mutating func greeted(_ reply: RESPValue, _ remaining: [GreetingStep]) -> ReplyAction {
        guard let step = remaining.first else { return .ignore }
        if case .error(let message) = reply, let refusal = Self.refusal(of: step, message) { return .close(refusal) }
        let rest = Array(remaining.dropFirst())
        guard rest.isEmpty else {
            state = .greeting(remaining: rest)
            return .awaitGreeting
        }
        state = .ready
        return .becomeReady
    }

    /// The error that ends the connection; nil when the step may be refused.
    private static func refusal(of step: GreetingStep, _ message: String) -> RedisError? {
        let code = RedisError.code(ofServerMessage: message)
        switch step {
        case .authenticate: return RedisError(code, message, commandName: "AUTH")
        case .selectDatabase: return RedisError(code, message, commandName: "SELECT")
        case .nameClient: return nil
        // A user without the right to PING has still been let in. A Redis whose disk takes no more answers PING as it answers
        // writes, with MISCONF, and yet it can be read.
        case .ping:
            return code == .noPermission || code == .readOnly
                ? nil : RedisError(code, message, commandName: "PING")
        }
    }

    /// A subscription is wanted. Returns why it is refused, or nil: then every further reply is a message.
    mutating func subscribe(hasInFlight: Bool) -> RedisError? {
        switch state {
        case .ready where !hasInFlight:
            state = .subscribed
            return nil
        case .closed(let reason): return reason
        default: return RedisError(.misuse, "a subscription needs an idle connection of its own")
        }
    }

    /// No further command is to be accepted. Returns true when the socket can be closed at once.
    mutating func drain(hasInFlight: Bool) -> Bool {
        switch state {
        case .closed: return false
        case .ready where hasInFlight, .draining where hasInFlight:
            state = .draining
            return false
        default: return true
        }
    }

    /// The last reply in flight arrived. Returns true when the socket is to be closed.
    func hasDrained() -> Bool {
        if case .draining = state { true } else { false }
    }

    /// Ends the connection. Returns the reason for the first caller, who fails what is in flight; nil for later ones.
    mutating func close(_ reason: RedisError) -> RedisError? {
        if case .closed = state { return nil }
        state = .closed(reason)
        return reason
    }
}
