// Who says what an operator says, for the record.

import Bootstrap
import FoundationEssentials

/// The person or job behind a command.
enum OperatorName {
    /// `user@host`, as the environment names them.
    static var current: String {
        let variables = ProcessInfo.processInfo.environment
        let user = variables["SUDO_USER"] ?? variables["USER"] ?? variables["LOGNAME"] ?? "unknown"
        return "\(user)@\(HostName.current())"
    }
}
