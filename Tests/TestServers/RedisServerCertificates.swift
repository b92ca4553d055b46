// A certificate authority and a server certificate for 127.0.0.1 and localhost, made by the openssl command.

package enum ServerCertificates {
    /// Names of the PEM files in the folder.
    package static let authorityFile = "ca.crt"
    package static let certificateFile = "server.crt"
    package static let keyFile = "server.key"

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    /// Makes an authority and a certificate that it signed; the same pair serves as a client's.
    package static func make(in folder: TemporaryFolder) async throws {
        let log = folder.appending("openssl.log")
        func openssl(_ arguments: [String]) async throws {
            try await ChildProcess.run("openssl", arguments, workingDirectory: folder.path, logFile: log)
        }
        _ = try folder.write("subjectAltName=DNS:localhost,IP:127.0.0.1\n", to: "names.ext")
        try await openssl(
            ["req", "-x509", "-keyout", "ca.key", "-out", authorityFile, "-days", "2", "-subj", "/CN=Test authority"]
                + newKey)
        try await openssl(["req", "-keyout", keyFile, "-out", "server.csr", "-subj", "/CN=localhost"] + newKey)
        try await openssl([
            "x509", "-req", "-in", "server.csr", "-CA", authorityFile, "-CAkey", "ca.key", "-CAcreateserial",
            "-out", certificateFile, "-days", "2", "-extfile", "names.ext",
        ])
    }
}
