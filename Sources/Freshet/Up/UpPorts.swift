// The ports of `freshet up`, looked at before anything starts: a busy one is the commonest reason for a failed start.

import Glibc
import Settings

/// The ports that everything listens on.
struct UpPorts: Sendable {
    let redis: Int
    let gateway: Int
    let features: Int
    let ingest: Int
    let loader: Int
    let archive: Int
    let trainer: Int

    init(_ reader: SettingsReader) throws {
        redis = try reader.integer("REDIS_PORT", default: StoreSettings.redisPortDefault, in: 1...65_535)
        gateway = try GatewaySettings(reader).http.port
        features = try FeaturesSettings(reader).http.port
        ingest = try IngestSettings(reader).http.port
        loader = try LoaderSettings(reader).http.port
        archive = try ArchiverSettings(reader).http.port
        trainer = try TrainerSettings(reader).http.port
    }

    /// Throws if a port of a role is in use.
    func checkRoles() throws {
        try Self.check([
            ("GATEWAY_PORT", gateway), ("FEATURES_PORT", features), ("INGEST_PORT", ingest), ("LOADER_PORT", loader),
            ("ARCHIVE_PORT", archive), ("TRAINER_PORT", trainer),
        ])
    }

    /// Throws if Redis's port is in use; to be asked once a server that an earlier run left behind is stopped.
    func checkRedis() throws { try Self.check([("REDIS_PORT", redis)]) }

    private static func check(_ ports: [(variable: String, port: Int)]) throws {
        for (variable, port) in ports where isBusy(port) {
            throw SettingsError(
                variable: variable,
                reason:
                    "is \(port), where something listens already. Is Freshet running? Stop it, or choose another port: "
                    + "\(variable)=\(port < 64_000 ? port + 1000 : port - 1000) freshet up")
        }
    }

    private static func isBusy(_ port: Int) -> Bool {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { return false }
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                connect(socket, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
