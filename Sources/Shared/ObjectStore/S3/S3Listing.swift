// A listing of a bucket, ListObjectsV2, a page per request.

import Synchronization

/// The state of one listing between its pages.
final class S3Listing: Sendable {
    private enum Position {
        case start
        case after(token: String)
        case end
    }

    private struct Page {
        var objects: [ObjectInfo] = []
        var isTruncated = false
        var nextToken: String?
    }

    private struct Entry {
        var key = ""
        var size: Int?
        var etag = ""
        var modifiedAtMs: Int64 = 0
    }

    private let client: S3Client
    private let storePrefix: String
    private let prefix: String
    private let pageSize: Int
    private let position = Mutex(Position.start)

    /// - Parameter storePrefix: the store's prefix with its slash, or nothing; listed keys come without it.
    init(client: S3Client, storePrefix: String, prefix: String, pageSize: Int) {
        self.client = client
        self.storePrefix = storePrefix
        self.prefix = prefix
        self.pageSize = pageSize
    }

    /// The next page, possibly empty; nil behind the last.
    func next() async throws -> [ObjectInfo]? {
        try ObjectKey.validatePrefix(storePrefix + prefix)
        var call = S3Call(method: .get, key: prefix)
        call.query = [
            (name: "list-type", value: "2"), (name: "max-keys", value: "\(pageSize)"),
            (name: "prefix", value: storePrefix + prefix), (name: "encoding-type", value: "url"),
        ]
        var lastToken: String?
        switch position.withLock({ $0 }) {
        case .start: break
        case .after(let token):
            lastToken = token
            call.query.append((name: "continuation-token", value: token))
        case .end: return nil
        }
        let page = try parse(await client.send(call).body)
        if page.isTruncated {
            // A token that comes back unchanged would make the walk endless.
            guard let token = page.nextToken, token != lastToken else {
                throw ObjectStoreError(
                    .corrupted, "S3 announces another page but does not say how to get it", key: prefix)
            }
            position.withLock { $0 = .after(token: token) }
        } else {
            position.withLock { $0 = .end }
        }
        return page.objects
    }

    private func parse(_ body: [UInt8]) throws -> Page {
        var page = Page()
        var entry = Entry()
        var entries: [Entry] = []
        var isEncoded = false
        try S3Document.walk(body, key: prefix) { path, text in
            guard path.first == "ListBucketResult", path.count > 1 else { return }
            switch path.dropFirst() {
            case ["IsTruncated"]: page.isTruncated = text == "true"
            case ["NextContinuationToken"]: page.nextToken = text
            case ["EncodingType"]: isEncoded = text == "url"
            case ["Contents", "Key"]: entry.key = text
            case ["Contents", "Size"]: entry.size = Int(text)
            case ["Contents", "ETag"]: entry.etag = S3ObjectStore.unquoted(text)
            case ["Contents", "LastModified"]: entry.modifiedAtMs = CalendarTime.milliseconds(iso: text) ?? 0
            case ["Contents"]:
                entries.append(entry)
                entry = Entry()
            default: break
            }
        }
        page.objects = try entries.compactMap { try object($0, isEncoded: isEncoded) }
        return page
    }

    /// Nil for the empty objects that consoles make to show folders: their key ends in a slash.
    private func object(_ entry: Entry, isEncoded: Bool) throws(ObjectStoreError) -> ObjectInfo? {
        let name = isEncoded ? PercentEncoding.decode(entry.key, plusIsSpace: true) : entry.key
        guard let name, let size = entry.size, name.utf8.starts(with: (storePrefix + prefix).utf8) else {
            throw ObjectStoreError(.corrupted, "S3 listed '\(entry.key)', which was not asked for", key: prefix)
        }
        guard !name.hasSuffix("/") else { return nil }
        return ObjectInfo(
            key: String(decoding: name.utf8.dropFirst(storePrefix.utf8.count), as: UTF8.self), size: size,
            etag: entry.etag, modifiedAtMs: entry.modifiedAtMs)
    }
}
