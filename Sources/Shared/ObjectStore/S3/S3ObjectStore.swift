// The store in an S3 bucket. Each method is one request, or hands over to the download, upload or listing
// that makes several.

import Logging

/// Objects in a bucket, below a prefix.
package final class S3ObjectStore: ObjectStore {
    let client: S3Client
    private let location: S3Location

    package var summary: String {
        let path = [location.bucket, location.prefix].filter { !$0.isEmpty }.joined(separator: "/")
        return "bucket \(path) at \(location.endpoint)"
    }

    init(
        location: S3Location,
        credentials: S3Credentials,
        limits: S3Limits,
        logger: Logger
    ) throws(ObjectStoreError) {
        self.location = location
        client = try S3Client(location: location, credentials: credentials, limits: limits, logger: logger)
    }

    package func get(_ key: String, range: Range<Int>?) async throws -> ObjectBody {
        let name = try objectName(key)
        if let range, range.isEmpty || range.lowerBound < 0 {
            throw ObjectStoreError(.invalidRange, "bytes \(range.lowerBound)..<\(range.upperBound)", key: key)
        }
        let download = try await S3Download(client: client, objectName: name, key: key, range: range)
        return ObjectBody(info: download.info) { try await download.next() }
    }

    @discardableResult
    package func put(_ key: String, bytes: [UInt8]) async throws -> ObjectInfo {
        let name = try objectName(key)
        if bytes.count > client.limits.partBytes {
            return try await put(key) { upload in try await upload.write(bytes) }
        }
        let answer = try await client.send(S3Call(method: .put, objectName: name, key: key, body: bytes))
        return Self.info(written: answer.head, key: key, size: bytes.count)
    }

    package func beginUpload(_ key: String) async throws -> any ObjectUpload {
        S3Upload(client: client, objectName: try objectName(key), key: key)
    }

    package func head(_ key: String) async throws -> ObjectInfo {
        let answer = try await client.send(S3Call(method: .head, objectName: try objectName(key), key: key))
        guard let size = answer.head.headers["content-length"].flatMap({ Int($0) }) else {
            throw ObjectStoreError(.corrupted, "S3 did not say how long the object is", key: key)
        }
        return Self.info(answer.head, key: key, size: size)
    }

    package func list(prefix: String, pageSize: Int) -> ObjectPages {
        let storePrefix = location.prefix.isEmpty ? "" : location.prefix + "/"
        return ObjectPages { [client] in
            let listing = S3Listing(
                client: client, storePrefix: storePrefix, prefix: prefix, pageSize: max(1, min(pageSize, 1000)))
            return { try await listing.next() }
        }
    }

    package func delete(_ key: String) async throws {
        do {
            _ = try await client.send(S3Call(method: .delete, objectName: try objectName(key), key: key))
        } catch let error as ObjectStoreError where error.kind == .notFound {
            return
        }
    }

    @discardableResult
    package func copy(_ source: String, to destination: String) async throws -> ObjectInfo {
        let sourceName = try objectName(source)
        let name = try objectName(destination)
        let copySource = (name: "x-amz-copy-source", value: client.address.copySource(key: sourceName))
        _ = try await client.send(S3Call(method: .put, objectName: name, key: source, headers: [copySource]))
        return try await head(destination)
    }

    package func close() async {
        await client.close()
    }

    private func objectName(_ key: String) throws(ObjectStoreError) -> String {
        try ObjectKey.validate(key)
        guard !location.prefix.isEmpty else { return key }
        let name = location.prefix + "/" + key
        try ObjectKey.validate(name)
        return name
    }

    /// What an answer's headers say about the object that was asked for.
    static func info(_ head: HTTPHead, key: String, size: Int) -> ObjectInfo {
        ObjectInfo(
            key: key, size: size, etag: unquoted(head.headers["etag"] ?? ""),
            modifiedAtMs: head.headers["last-modified"].flatMap { CalendarTime.milliseconds(http: $0) } ?? 0)
    }

    /// What an answer's headers say about the object that was just written: the answer's date is its time.
    static func info(written head: HTTPHead, key: String, size: Int) -> ObjectInfo {
        let date = head.headers["date"].flatMap { CalendarTime.milliseconds(http: $0) }
        return ObjectInfo(
            key: key, size: size, etag: unquoted(head.headers["etag"] ?? ""),
            modifiedAtMs: date ?? Int64(CalendarTime.nowSeconds()) * 1000)
    }

    static func unquoted(_ etag: String) -> String {
        etag.count >= 2 && etag.hasPrefix("\"") && etag.hasSuffix("\"") ? String(etag.dropFirst().dropLast()) : etag
    }
}
