// Turns a bucket and a key into the host, path and URL of a request, exactly as they are signed.

/// Where a bucket's requests go.
struct S3Address: Sendable {
    /// `http` or `https`.
    private let scheme: String
    /// The value of the Host header: the port only when it is not the scheme's own.
    let host: String
    /// What comes before the key in a request's path, and in a copy's source: `/bucket` or nothing.
    private let bucketPath: String
    private let bucket: String

    init(_ location: S3Location) throws(ObjectStoreError) {
        func refuse(_ reason: String) -> ObjectStoreError {
            ObjectStoreError(
                .configuration, "\(reason) in endpoint '\(location.endpoint)'; write http://host:port or https://host")
        }
        var rest = location.endpoint[...]
        if rest.hasPrefix("https://") {
            scheme = "https"
        } else if rest.hasPrefix("http://") {
            scheme = "http"
        } else {
            throw refuse("neither http:// nor https://")
        }
        rest = rest.dropFirst(scheme.utf8.count + "://".utf8.count)
        if rest.hasSuffix("/") { rest.removeLast() }
        guard !rest.isEmpty, rest.utf8.allSatisfy(Self.isHostByte) else { throw refuse("no plain host and port") }
        let standardPort = scheme == "https" ? ":443" : ":80"
        if rest.hasSuffix(standardPort) { rest = rest.dropLast(standardPort.utf8.count) }
        bucket = location.bucket
        switch location.style {
        case .path:
            host = rest.lowercased()
            bucketPath = "/" + location.bucket
        case .virtual:
            host = location.bucket + "." + rest.lowercased()
            bucketPath = ""
        }
    }

    /// The encoded path of an object, or of the bucket for nil.
    func path(key: String?) -> String {
        guard let key else { return bucketPath.isEmpty ? "/" : bucketPath }
        return bucketPath + "/" + PercentEncoding.encodePath(key)
    }

    /// The value of `x-amz-copy-source`, which always names the bucket.
    func copySource(key: String) -> String {
        "/" + bucket + "/" + PercentEncoding.encodePath(key)
    }

    /// The complete URL; `query` is in canonical form already.
    func url(path: String, query: String) -> String {
        scheme + "://" + host + path + (query.isEmpty ? "" : "?" + query)
    }

    /// Letters, digits, `.-_`, the port's colon and the brackets of an IPv6 address: no user, path or query.
    private static func isHostByte(_ byte: UInt8) -> Bool {
        (PercentEncoding.isUnreserved(byte) && byte != UInt8(ascii: "~"))
            || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]")
    }
}
