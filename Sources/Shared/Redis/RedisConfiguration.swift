// Where the server is, who we are there, and every bound of the client. The description never shows the password.

import NIOCore

/// Everything a `RedisClient` needs to know; make one from a URL and change what differs.
package struct RedisConfiguration: Sendable, CustomStringConvertible {
    /// Where the server listens.
    package enum Address: Sendable, Equatable {
        case tcp(host: String, port: Int)
        case unixSocket(path: String)
    }

    /// How the server is authenticated, and we to it.
    package struct TLS: Sendable, Equatable {
        /// PEM file with the authorities to trust; nil for the system's.
        package var authorityFile: String?
        /// PEM file with our certificate chain; nil when the server asks for none.
        package var certificateFile: String?
        /// PEM file with our private key.
        package var privateKeyFile: String?
        /// False switches the check of the server's certificate off: for trials only.
        package var verifiesServer = true

        /// Trusts the system's authorities and sends no certificate.
        package init() {}
    }

    package var address: Address
    /// Nil for an unencrypted connection.
    package var tls: TLS?
    /// The ACL user; nil for the default user.
    package var user: String?
    /// Nil when the server asks for none.
    package var password: String?
    /// The database number, 0 to 15 unless the server is configured for more.
    package var database = 0
    /// What CLIENT LIST shows; no spaces.
    package var clientName = "freshet"

    /// Connections that all commands share, spread over the event loops. A caller on an event loop gets the connection
    /// that is there, if one is.
    package var connectionCount = 1
    /// So many that each event loop of the process has one, and no more than a server should bear from one client: for
    /// services whose requests run on event loops.
    package static let connectionCountOfEventLoops = min(NIOSingletons.groupLoopCountSuggestion, 16)
    /// Commands sent and not yet answered on one connection, beyond which further ones fail at once.
    package var commandsInFlightMax = 16_384
    /// Bytes of unanswered commands on one connection, beyond which further commands fail at once.
    package var bytesInFlightMax = 64 * 1_048_576
    /// Callers that wait for a connection to be made, beyond which further ones fail at once.
    package var waiterCountMax = 1_024
    /// Dedicated connections and subscriptions that may be open at once.
    package var dedicatedConnectionCountMax = 64

    /// How long a command may take unless the call says otherwise.
    package var deadlineMs = 2_000
    /// How long making a connection may take, greeting included.
    package var connectDeadlineMs = 2_000
    /// What a blocking command may take beyond its block time.
    package var blockMarginMs = 2_000
    /// A connection that owes a reply for so long after its deadline, or after a heartbeat, is closed.
    package var silenceMsMax = 5_000
    /// An idle connection is asked for a sign of life this often.
    package var heartbeatMs = 10_000
    /// The range of the first pause before connecting again; it doubles with every failure.
    package var backoffMsBase = 50
    /// The range that the pause never exceeds.
    package var backoffMsMax = 2_000
    /// How often a call that may be repeated is sent, in all.
    package var attemptCountMax = 3
    /// How long a graceful shutdown waits for replies under way.
    package var shutdownMs = 5_000
    /// Messages that a subscription holds for a slow reader before it disconnects.
    package var subscriptionMessageCountMax = 1_024
    /// Bounds on a reply.
    package var limits = RESPLimits()

    /// A client of the server at `address`, with every other setting at its default.
    package init(address: Address) {
        self.address = address
    }

    package var description: String {
        var text = tls == nil ? "redis://" : "rediss://"
        if case .unixSocket = address { text = "unix://" }
        if user != nil || password != nil { text += "\(user ?? ""):***@" }
        switch address {
        case .tcp(let host, let port): text += "\(host.contains(":") ? "[\(host)]" : host):\(port)/\(database)"
        case .unixSocket(let path): text += "\(path)?db=\(database)"
        }
        return text
    }
}

extension RedisConfiguration: CustomDebugStringConvertible, CustomReflectable {
    package var debugDescription: String { description }
    /// Dumps and failed tests show the description, not the fields.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
