// AWS Signature Version 4, by its specification: "Create a signed AWS API request", IAM User Guide. Written by
// hand because libcurl's own neither sends x-amz-content-sha256 nor puts a request into canonical form.

/// Signs requests with one key for one region and service.
struct SignatureV4: Sendable {
    let credentials: S3Credentials
    let region: String
    var service = "s3"

    /// The SHA-256 of no bytes at all.
    static let emptyPayloadHash = SHA256Hasher.hex(of: [])

    /// The value of a request's Authorization header.
    ///
    /// - Parameters:
    ///   - path: as sent, encoded.
    ///   - query: as sent, from ``canonicalQuery(_:)``.
    ///   - headers: all headers to sign, `host` and `x-amz-date` among them.
    ///   - payloadHash: SHA-256 of the body in hex.
    ///   - stamp: the value of `x-amz-date`.
    func authorization(
        method: String,
        path: String,
        query: String,
        headers: [(name: String, value: String)],
        payloadHash: String,
        stamp: String
    ) -> String {
        let canonical = headers.map { (name: $0.name.lowercased(), value: Self.trimAll($0.value)) }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let signedHeaders = canonical.map(\.name).joined(separator: ";")
        let canonicalRequest = [
            method, path, query, canonical.map { "\($0.name):\($0.value)\n" }.joined(), signedHeaders, payloadHash,
        ].joined(separator: "\n")

        let date = String(stamp.prefix(8))
        let scope = "\(date)/\(region)/\(service)/aws4_request"
        let stringToSign = [
            "AWS4-HMAC-SHA256", stamp, scope, SHA256Hasher.hex(of: Array(canonicalRequest.utf8)),
        ].joined(separator: "\n")

        let signature = SHA256Hasher.authenticationCode(key: signingKey(date: date), stringToSign)
        return "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope),"
            + "SignedHeaders=\(signedHeaders),Signature=\(SHA256Hasher.hex(signature))"
    }

    /// Names and values encoded and sorted by their encoded bytes.
    static func canonicalQuery(_ query: [(name: String, value: String)]) -> String {
        query.map { (PercentEncoding.encode($0.name), PercentEncoding.encode($0.value)) }
            .sorted { first, second in
                first.0 == second.0
                    ? first.1.utf8.lexicographicallyPrecedes(second.1.utf8)
                    : first.0.utf8.lexicographicallyPrecedes(second.0.utf8)
            }
            .map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }

    private func signingKey(date: String) -> [UInt8] {
        var key = Array("AWS4\(credentials.secretAccessKey)".utf8)
        for part in [date, region, service, "aws4_request"] {
            key = SHA256Hasher.authenticationCode(key: key, part)
        }
        return key
    }

    /// Without spaces at the ends, and with single spaces inside.
    private static func trimAll(_ value: String) -> String {
        value.split(separator: " ").joined(separator: " ")
    }
}
