// Classifies the server's error replies by their first word, as Redis documents them, so that callers switch over codes
// and never over texts.

extension RedisError {
    /// The error for a reply `-MESSAGE`.
    init(serverMessage message: String, commandName: String?, isIdempotent: Bool) {
        self.init(Self.code(ofServerMessage: message), message, commandName: commandName, isIdempotent: isIdempotent)
    }

    /// The kind of failure that a server's error text stands for.
    static func code(ofServerMessage message: String) -> Code {
        let word = message.prefix { $0 != " " }
        switch word {
        case "LOADING": return .loading
        case "BUSY": return .busy
        case "TRYAGAIN": return .tryAgain
        case "CLUSTERDOWN": return .clusterDown
        case "MASTERDOWN": return .masterDown
        // A replica, a disk that is full, too few replicas: it takes no writes at present, whatever they are.
        case "READONLY", "MISCONF", "NOREPLICAS": return .readOnly
        case "OOM": return .outOfMemory
        case "MOVED": return .moved
        case "ASK": return .ask
        case "NOAUTH": return .notAuthenticated
        case "WRONGPASS": return .wrongPassword
        case "NOPERM": return .noPermission
        case "BUSYGROUP": return .busyGroup
        case "NOGROUP": return .noGroup
        case "NOSCRIPT": return .noScript
        case "WRONGTYPE": return .wrongType
        case "ERR": return code(ofGenericMessage: message)
        default: return .serverRefused
        }
    }

    /// Redis reports some distinct conditions under the generic word ERR; these two matter to us.
    private static func code(ofGenericMessage message: String) -> Code {
        if message.hasPrefix("ERR Function not found") { return .functionNotFound }
        if message.hasPrefix("ERR AUTH") { return .wrongPassword }
        return .serverRefused
    }
}
