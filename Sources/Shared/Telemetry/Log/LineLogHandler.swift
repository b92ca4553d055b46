// The log's way out: one write per line to standard error, so that lines of several threads do not mix.

import Glibc
package import Logging

/// A log handler that writes whole lines.
package struct LineLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    package var logLevel: Logger.Level
    private let label: String
    private let format: LogFormat

    package init(label: String, format: LogFormat, level: Logger.Level) {
        self.label = label
        self.format = format
        logLevel = level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var merged = metadata
        if let provided = metadataProvider?.get() { merged.merge(provided) { $1 } }
        if let own = event.metadata { merged.merge(own) { $1 } }
        if let error = event.error { merged["error"] = "\(error)" }
        let line = format.line(
            timeMs: UTCTime.nowMs(), level: event.level, label: label, message: "\(event.message)",
            metadata: merged.map { (key: $0.key, value: "\($0.value)") }.sorted { $0.key < $1.key })
        let bytes = Array(line.utf8)
        // A log that cannot be written has nowhere to complain to.
        unsafe bytes.withUnsafeBytes { buffer in _ = unsafe write(STDERR_FILENO, buffer.baseAddress, buffer.count) }
    }
}

/// Sets the process's log up, once, before anything logs.
package enum Log {
    /// Every logger of the process writes lines of this form from this level on.
    package static func bootstrap(format: LogFormat, level: Logger.Level) {
        LoggingSystem.bootstrap { label in LineLogHandler(label: label, format: format, level: level) }
    }
}
