// Which commands open a connection, and what they are on the wire.

extension RedisConfiguration {
    /// The steps this configuration needs, in order. PING is always the last.
    var greeting: [GreetingStep] {
        var steps: [GreetingStep] = []
        if password != nil { steps.append(.authenticate) }
        if !clientName.isEmpty { steps.append(.nameClient) }
        if database != 0 { steps.append(.selectDatabase) }
        return steps + [.ping]
    }

    /// The command of a step.
    func command(for step: GreetingStep) -> RawCommand {
        switch step {
        case .authenticate: RawCommand("AUTH", [user, password].compactMap { $0.map(RedisArgument.string) })
        case .nameClient: RawCommand("CLIENT SETNAME", [.string(clientName)])
        case .selectDatabase: RawCommand("SELECT", [.integer(database)])
        case .ping: RawCommand("PING")
        }
    }
}
