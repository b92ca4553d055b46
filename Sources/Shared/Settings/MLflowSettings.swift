// Where training runs are written down for people who use MLflow, and how much may wait while it is away.

import FoundationEssentials

/// The value of an `Authorization` header; it shows in no description, dump or log.
package struct AuthorizationHeader: Sendable, CustomStringConvertible, CustomReflectable {
    /// The header's value, for the request alone.
    package let value: String

    package var description: String { "credentials" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }

    /// A token's header.
    package static func bearer(_ token: String) -> AuthorizationHeader { AuthorizationHeader(value: "Bearer \(token)") }

    static func basic(user: String, password: String) -> AuthorizationHeader {
        AuthorizationHeader(value: "Basic \(Data("\(user):\(password)".utf8).base64EncodedString())")
    }
}

/// An MLflow tracking server and what is written there.
package struct MLflowSettings: Sendable {
    /// `MLFLOW_TRACKING_URI`: http://host:port or https://…, without credentials; nil, the default, for no MLflow.
    package let trackingURI: String?
    /// `MLFLOW_TRACKING_TOKEN`, or `MLFLOW_TRACKING_USERNAME` with `MLFLOW_TRACKING_PASSWORD` (none).
    package let authorization: AuthorizationHeader?
    /// `MLFLOW_TRACKING_SERVER_CERT_PATH`: a PEM file with the authorities to trust instead of the system's (none).
    package let authorityFile: String?
    /// `MLFLOW_EXPERIMENT`: the experiment that runs belong to (freshet).
    package let experiment: String
    /// `MLFLOW_MODEL`: the registered model whose versions are ours (freshet).
    package let model: String
    /// `MLFLOW_SPOOL_RUNS_MAX`: runs that wait for the server at most, 1...10000 (100).
    package let spoolRunsMax: Int
    /// `MLFLOW_SPOOL_MEGABYTES_MAX`: the same in megabytes, with all files, 1...1000000 (1024).
    package let spoolMegabytesMax: Int
    /// `MLFLOW_POLL_MS`: how often the trainer looks for what waits, 100...3600000 (30000).
    package let pollMs: Int

    package init(
        trackingURI: String?, authorization: AuthorizationHeader? = nil, authorityFile: String? = nil,
        experiment: String = "freshet", model: String = "freshet", spoolRunsMax: Int = 100,
        spoolMegabytesMax: Int = 1024, pollMs: Int = 30_000
    ) {
        self.trackingURI = trackingURI
        self.authorization = authorization
        self.authorityFile = authorityFile
        self.experiment = experiment
        self.model = model
        self.spoolRunsMax = spoolRunsMax
        self.spoolMegabytesMax = spoolMegabytesMax
        self.pollMs = pollMs
    }

    package init(_ reader: SettingsReader) throws(SettingsError) {
        self.init(
            trackingURI: try Self.uri(reader.text("MLFLOW_TRACKING_URI", isSecret: true)),
            authorization: try Self.authorization(reader),
            authorityFile: reader.text("MLFLOW_TRACKING_SERVER_CERT_PATH"),
            experiment: try Self.name(reader, "MLFLOW_EXPERIMENT"), model: try Self.name(reader, "MLFLOW_MODEL"),
            spoolRunsMax: try reader.integer("MLFLOW_SPOOL_RUNS_MAX", default: 100, in: 1...10_000),
            spoolMegabytesMax: try reader.integer("MLFLOW_SPOOL_MEGABYTES_MAX", default: 1024, in: 1...1_000_000),
            pollMs: try reader.integer("MLFLOW_POLL_MS", default: 30_000, in: 100...3_600_000))
    }

    /// The URI without a slash at its end. What it holds is not repeated in an error: it may hold a password.
    private static func uri(_ text: String?) throws(SettingsError) -> String? {
        guard var text else { return nil }
        while text.last == "/" { text.removeLast() }
        let rest = ["http://", "https://"].compactMap { text.hasPrefix($0) ? text.dropFirst($0.count) : nil }.first
        guard let rest, !rest.isEmpty, rest.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !rest.contains("?"),
            !rest.contains("#")
        else {
            throw SettingsError(
                variable: "MLFLOW_TRACKING_URI", reason: "is no address; write http://host:port or https://host/path")
        }
        guard !rest.contains("@") else {
            throw SettingsError(
                variable: "MLFLOW_TRACKING_URI",
                reason: "holds a user or a password; write them into MLFLOW_TRACKING_USERNAME and _PASSWORD instead")
        }
        return text
    }

    private static func authorization(_ reader: SettingsReader) throws(SettingsError) -> AuthorizationHeader? {
        let token = reader.text("MLFLOW_TRACKING_TOKEN", isSecret: true)
        let user = reader.text("MLFLOW_TRACKING_USERNAME")
        let password = reader.text("MLFLOW_TRACKING_PASSWORD", isSecret: true)
        for text in [token, user, password].compactMap(\.self) where !text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        {
            throw SettingsError(
                variable: "MLFLOW_TRACKING_TOKEN",
                reason: "or MLFLOW_TRACKING_USERNAME or _PASSWORD holds a line break or another control character")
        }
        if let token { return .bearer(token) }
        guard let user else { return nil }
        return .basic(user: user, password: password ?? "")
    }

    private static func name(_ reader: SettingsReader, _ variable: String) throws(SettingsError) -> String {
        let text = reader.text(variable) ?? "freshet"
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: " "):
                true
            default: false
            }
        }
        guard isPlain, text.utf8.count <= 100 else {
            throw SettingsError(
                variable: variable, reason: "is \"\(text)\"; it must be 1 to 100 bytes of A-Z a-z 0-9 _ . - and blanks")
        }
        return text
    }
}
