// What a process starts with: its settings and its log. Made once, by the command that runs.

import Configuration
package import Logging
package import Settings
import SystemPackage
import Telemetry

/// The settings and the log of this process.
package struct ProcessEnvironment: Sendable {
    /// Settings from the environment, then from the file `.env` in the working directory.
    package let settings: SettingsReader

    /// Reads the settings' sources and sets up the log.
    ///
    /// - `LOG_LEVEL`: trace, debug, info, notice, warning, error or critical.
    /// - `LOG_FORMAT`: text or json (text).
    package static func load(defaultLogLevel: Logger.Level = .info) async throws -> ProcessEnvironment {
        let reader = ConfigReader(providers: [
            EnvironmentVariablesProvider(),
            try await EnvironmentVariablesProvider(environmentFilePath: ".env", allowMissing: true),
        ])
        let settings = SettingsReader(reader)
        Log.bootstrap(
            format: try settings.choice("LOG_FORMAT", default: LogFormat.text),
            level: try settings.choice("LOG_LEVEL", default: defaultLogLevel))
        return ProcessEnvironment(settings: settings)
    }

    /// A name for this process among all others: role@host:pid:random.
    package static func instanceName(role: String) -> String {
        let random = String(UInt32.random(in: .min ... .max), radix: 36)
        return "\(role)@\(HostName.current()):\(ProcessID.current):\(random)"
    }
}
