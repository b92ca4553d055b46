// Where the running system is found, for the commands that ask it.

import ArgumentParser
import Settings
import WebClient

/// The addresses that a command asks, by option or as the settings say.
struct SystemAddresses: ParsableArguments {
    @Option(name: .customLong("gateway"), help: "The gateway, such as http://127.0.0.1:8090.")
    var gatewayURL: String?
    @Option(name: .customLong("ingest"), help: "The ingest, such as http://127.0.0.1:8092.")
    var ingestURL: String?

    /// The gateway; where the settings say (GATEWAY_HOST, GATEWAY_PORT) unless told otherwise.
    func gateway(_ reader: SettingsReader) throws -> WebAddress {
        try Self.address(gatewayURL, "--gateway", try GatewaySettings(reader).http)
    }

    /// The ingest, in the same way.
    func ingest(_ reader: SettingsReader) throws -> WebAddress {
        try Self.address(ingestURL, "--ingest", try IngestSettings(reader).http)
    }

    private static func address(_ url: String?, _ option: String, _ http: HTTPSettings) throws -> WebAddress {
        guard let url else { return http.addressFromHere }
        guard let address = WebAddress(url: url) else {
            throw ValidationError("\(option) must be like http://127.0.0.1:\(http.port), not \"\(url)\"")
        }
        return address
    }
}

extension HTTPSettings {
    /// Where a role of these settings is found from here: one that listens everywhere listens on this machine, too.
    var addressFromHere: WebAddress {
        WebAddress(host: ["0.0.0.0", "::", ""].contains(host) ? "127.0.0.1" : host, port: port)
    }
}
