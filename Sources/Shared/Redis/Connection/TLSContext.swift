// Turns the TLS part of the configuration into NIOSSL's context, once per client: reading certificates is slow.

import NIOCore
import NIOSSL

struct TLSContext: Sendable {
    private let context: NIOSSLContext
    /// The name to check the certificate against; nil for an address, which NIOSSL checks by the socket's peer.
    private let serverName: String?

    init(_ tls: RedisConfiguration.TLS, address: RedisConfiguration.Address) throws(RedisError) {
        var settings = TLSConfiguration.makeClientConfiguration()
        if let file = tls.authorityFile { settings.trustRoots = .file(file) }
        if !tls.verifiesServer { settings.certificateVerification = .none }
        do {
            if let file = tls.certificateFile {
                settings.certificateChain = try NIOSSLCertificate.fromPEMFile(file).map { .certificate($0) }
            }
            if let file = tls.privateKeyFile {
                settings.privateKey = .privateKey(try NIOSSLPrivateKey(file: file, format: .pem))
            }
            context = try NIOSSLContext(configuration: settings)
        } catch {
            throw RedisError(
                .invalidConfiguration, "the TLS files (ca, cert, key) cannot be used; check that they are readable PEM",
                cause: error)
        }
        if case .tcp(let host, _) = address, (try? SocketAddress(ipAddress: host, port: 0)) == nil {
            serverName = host
        } else {
            serverName = nil
        }
    }

    /// A handler for one connection.
    func makeHandler() throws -> NIOSSLClientHandler {
        try NIOSSLClientHandler(context: context, serverHostname: serverName)
    }
}
