// The life of a connection, driven by hand: no socket, no clock.

import Testing

@testable import Redis

struct ConnectionStateMachineTests {
    private let pong = RESPValue.simpleString("PONG")
    private let reason = RedisError(.connectionLost, "for a test")

    private func ready() -> ConnectionStateMachine {
        var machine = ConnectionStateMachine()
        _ = machine.connected(greeting: [.ping])
        _ = machine.replied(pong, isAwaited: false)
        return machine
    }

    @Test func `the greeting is sent once and ends in ready`() {
        var machine = ConnectionStateMachine()
        let steps: [GreetingStep] = [.authenticate, .nameClient, .selectDatabase, .ping]
        #expect(machine.connected(greeting: steps) == steps)
        #expect(machine.connected(greeting: steps).isEmpty)
        for _ in 0..<3 {
            guard case .awaitGreeting = machine.replied(.simpleString("OK"), isAwaited: false) else {
                Issue.record("the greeting ended early")
                return
            }
            #expect(!machine.isReady)
        }
        guard case .becomeReady = machine.replied(pong, isAwaited: false) else {
            Issue.record("the greeting did not end")
            return
        }
        #expect(machine.isReady)
    }

    @Test(arguments: [
        (GreetingStep.authenticate, "WRONGPASS no", RedisError.Code.wrongPassword),
        (.authenticate, "ERR AUTH <password> called without any password configured", .wrongPassword),
        (.selectDatabase, "ERR DB index is out of range", .serverRefused),
        (.ping, "NOAUTH Authentication required.", .notAuthenticated),
        (.ping, "LOADING Redis is loading the dataset in memory", .loading),
    ])
    func `a refused greeting closes with the server's reason`(step: GreetingStep, text: String, code: RedisError.Code) {
        var machine = ConnectionStateMachine()
        _ = machine.connected(greeting: [step])
        guard case .close(let error) = machine.replied(.error(text), isAwaited: false) else {
            Issue.record("the connection was not closed")
            return
        }
        #expect(error.code == code)
        #expect(error.message == text)
    }

    @Test(arguments: [
        (GreetingStep.nameClient, "NOPERM no"), (.ping, "NOPERM no"), (.nameClient, "ERR unknown"),
        (.ping, "MISCONF Errors writing to the AOF file: No space left on device"),
    ])
    func `a refused courtesy does not matter`(step: GreetingStep, text: String) {
        var machine = ConnectionStateMachine()
        _ = machine.connected(greeting: [step])
        guard case .becomeReady = machine.replied(.error(text), isAwaited: false) else {
            Issue.record("the connection did not become ready")
            return
        }
    }

    @Test func `a reply goes to the command that awaits it, and one too many closes`() {
        var machine = ready()
        guard case .deliver = machine.replied(.integer(1), isAwaited: true) else {
            Issue.record("the reply was not delivered")
            return
        }
        guard case .close(let error) = machine.replied(.integer(1), isAwaited: false) else {
            Issue.record("the connection was not closed")
            return
        }
        #expect(error.code == .protocolViolation)
    }

    @Test func `draining waits for what is in flight`() {
        var idle = ready()
        let closesAtOnce = idle.drain(hasInFlight: false)
        #expect(closesAtOnce)
        var busy = ready()
        let closesAtOnce2 = busy.drain(hasInFlight: true)
        #expect(!closesAtOnce2)
        #expect(!busy.isReady)
        #expect(busy.hasDrained())
        guard case .deliver = busy.replied(.integer(1), isAwaited: true) else {
            Issue.record("the reply was not delivered")
            return
        }
        var connecting = ConnectionStateMachine()
        let closesAtOnce3 = connecting.drain(hasInFlight: false)
        #expect(closesAtOnce3)
    }

    @Test func `only the first reason to close counts`() {
        var machine = ready()
        #expect(machine.close(reason) != nil)
        #expect(machine.close(RedisError(.cancelled, "later")) == nil)
        #expect(machine.closeReason?.code == .connectionLost)
        let closesAtOnce4 = machine.drain(hasInFlight: false)
        #expect(!closesAtOnce4)
        #expect(machine.connected(greeting: [.ping]).isEmpty)
        guard case .ignore = machine.replied(pong, isAwaited: true) else {
            Issue.record("a closed connection took a reply")
            return
        }
    }

    @Test func `a subscription needs an idle connection and takes every reply`() {
        var busy = ready()
        #expect(busy.subscribe(hasInFlight: true)?.code == .misuse)
        var machine = ready()
        #expect(machine.subscribe(hasInFlight: false) == nil)
        #expect(machine.isSubscribed)
        guard case .push = machine.replied(.integer(1), isAwaited: false) else {
            Issue.record("the message was not pushed")
            return
        }
        #expect(machine.subscribe(hasInFlight: false)?.code == .misuse)
        let closesAtOnce5 = machine.drain(hasInFlight: false)
        #expect(closesAtOnce5)
    }
}
