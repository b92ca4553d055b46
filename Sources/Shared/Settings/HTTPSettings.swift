// Where a role listens.

/// One HTTP listener.
package struct HTTPSettings: Sendable {
    /// `<ROLE>_HOST` (127.0.0.1): the address to listen on.
    package let host: String
    /// `<ROLE>_PORT`: the port; 0 lets the system choose.
    package let port: Int

    package init(host: String = "127.0.0.1", port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `<role>_HOST` and `<role>_PORT`.
    package init(_ reader: SettingsReader, role: String, defaultPort: Int) throws(SettingsError) {
        self.init(
            host: reader.text("\(role)_HOST") ?? "127.0.0.1",
            port: try reader.integer("\(role)_PORT", default: defaultPort, in: 0...65_535))
    }
}
