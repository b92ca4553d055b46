// Why MLflow did not do what was asked, told apart by what follows from it.

/// A failure of the tracking server.
package struct MLflowFailure: Error, Sendable, CustomStringConvertible {
    /// What follows from a failure.
    package enum Kind: String, Sendable {
        /// It cannot be reached, is unwell or answers nonsense: later it may do.
        case away
        /// It wants nothing from us as we are: credentials, address or certificate. Somebody has to change a setting.
        case misconfigured
        /// It refuses this very record, now and for ever.
        case refused
    }

    package let kind: Kind
    /// What happened and, where it helps, what to do; without secrets.
    package let message: String
    /// MLflow's own word, such as `RESOURCE_DOES_NOT_EXIST`.
    package let code: String?

    package init(_ kind: Kind, _ message: String, code: String? = nil) {
        self.kind = kind
        self.message = message
        self.code = code
    }

    package var description: String { message }
}
