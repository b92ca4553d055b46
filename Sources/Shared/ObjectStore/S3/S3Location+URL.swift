// Reading an S3 location from its URL. Every mistake is answered with what was expected, since this text is
// typed by hand into an environment variable.

extension S3Location {
    init(url: String) throws(ObjectStoreError) {
        func refuse(_ reason: String) -> ObjectStoreError {
            ObjectStoreError(
                .configuration,
                "\(reason) in '\(url)'; write s3://bucket/prefix?endpoint=https://host:port&region=us-east-1&style=path"
            )
        }
        let parts = url.dropFirst("s3://".count).split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let bucket = String(path[0])
        guard Self.isBucketName(bucket) else { throw refuse("'\(bucket)' is not a bucket's name") }
        guard var prefix = PercentEncoding.decode(path.count > 1 ? path[1] : "", plusIsSpace: false) else {
            throw refuse("a broken percent escape")
        }
        if prefix.hasSuffix("/") { prefix.removeLast() }
        if !prefix.isEmpty { try ObjectKey.validate(prefix) }

        var values: [String: String] = [:]
        for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(sides[0])
            guard ["endpoint", "region", "style", "ca_file"].contains(name) else {
                throw refuse("unknown parameter '\(name)' (known: endpoint, region, style, ca_file)")
            }
            guard sides.count == 2, !sides[1].isEmpty, let value = PercentEncoding.decode(sides[1], plusIsSpace: false)
            else { throw refuse("no usable value for '\(name)'") }
            guard values.updateValue(value, forKey: name) == nil else { throw refuse("'\(name)' twice") }
        }
        let region = values["region"] ?? "us-east-1"
        guard region.utf8.allSatisfy(PercentEncoding.isUnreserved) else { throw refuse("'\(region)' is not a region") }
        guard let style = Style(rawValue: values["style"] ?? (values["endpoint"] == nil ? "virtual" : "path")) else {
            throw refuse("style '\(values["style"] ?? "")' (known: path, virtual)")
        }
        let endpoint = values["endpoint"] ?? "https://s3.\(region).amazonaws.com"
        self.init(
            bucket: bucket, prefix: prefix, endpoint: endpoint, region: region, style: style,
            authorityFile: values["ca_file"])
        _ = try S3Address(self)
    }

    /// S3's rule as far as it matters here: the name becomes part of a host and of a signed path.
    private static func isBucketName(_ name: String) -> Bool {
        (3...63).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
