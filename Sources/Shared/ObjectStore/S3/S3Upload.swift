// An object of unknown length on its way to S3. Up to one part's size it becomes a single put; beyond that a
// multipart upload, a part at a time, so memory is bounded by one part and a slow server slows the writer.

/// One upload into a bucket.
final class S3Upload: ObjectUpload {
    private static let partCountMax = 10_000

    private let client: S3Client
    private let objectName: String
    private let key: String
    private var part: [UInt8] = []
    private var size = 0
    private var etags: [String] = []
    /// Set with the first part; nil again when the upload is finished or given up.
    private var uploadID: String?

    init(client: S3Client, objectName: String, key: String) {
        self.client = client
        self.objectName = objectName
        self.key = key
    }

    func write(_ bytes: [UInt8]) async throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            // A full part leaves only when something follows it, so the last part is never empty.
            if part.count == client.limits.partBytes { try await sendPart() }
            let taken = rest.prefix(client.limits.partBytes - part.count)
            part += taken
            rest = rest.dropFirst(taken.count)
        }
        size += bytes.count
    }

    func finish() async throws -> ObjectInfo {
        guard uploadID != nil else {
            let answer = try await client.send(S3Call(method: .put, objectName: objectName, key: key, body: part))
            return S3ObjectStore.info(written: answer.head, key: key, size: size)
        }
        try await sendPart()
        return try await complete()
    }

    func abort() async {
        guard let uploadID else { return }
        self.uploadID = nil
        var call = call(.delete)
        call.query = [(name: "uploadId", value: uploadID)]
        // A task of its own, because the one that gives up may be cancelled already. A failure leaves parts
        // behind that the bucket's lifecycle rule for incomplete uploads removes; there is nobody to tell.
        _ = await Task { [client, call] in try await client.send(call) }.result
    }

    private func sendPart() async throws {
        let id: String
        if let uploadID {
            id = uploadID
        } else {
            id = try await begin()
            uploadID = id
        }
        guard etags.count < Self.partCountMax else {
            throw ObjectStoreError(
                .tooLarge, "an upload has at most \(Self.partCountMax) parts of \(client.limits.partBytes) bytes",
                key: key)
        }
        var call = call(.put)
        call.query = [(name: "partNumber", value: "\(etags.count + 1)"), (name: "uploadId", value: id)]
        call.body = part
        part = []
        guard let etag = try await client.send(call).head.headers["etag"] else {
            throw ObjectStoreError(.corrupted, "S3 took a part without giving its etag", key: key)
        }
        etags.append(etag)
    }

    private func begin() async throws -> String {
        var call = call(.post)
        call.query = [(name: "uploads", value: "")]
        let answer = try await client.send(call)
        guard let id = try S3Document.text(["InitiateMultipartUploadResult", "UploadId"], in: answer.body, key: key)
        else { throw ObjectStoreError(.corrupted, "S3 began an upload without giving its id", key: key) }
        return id
    }

    private func complete() async throws -> ObjectInfo {
        guard let id = uploadID else { throw ObjectStoreError(.closed, "the upload has ended", key: key) }
        let parts = etags.enumerated().map { index, etag in
            "<Part><PartNumber>\(index + 1)</PartNumber><ETag>\(S3Document.escaped(etag))</ETag></Part>"
        }
        var call = call(.post)
        call.query = [(name: "uploadId", value: id)]
        call.body = Array("<CompleteMultipartUpload>\(parts.joined())</CompleteMultipartUpload>".utf8)
        do {
            _ = try await client.send(call)
        } catch let error as ObjectStoreError where error.serverCode == "NoSuchUpload" {
            // The answer to an attempt that succeeded may have been lost; then the object is there, as long as it is.
            guard let found = try? await head(), found.size == size else { throw error }
            uploadID = nil
            return found
        }
        uploadID = nil
        return try await head()
    }

    private func head() async throws -> ObjectInfo {
        let answer = try await client.send(call(.head))
        return S3ObjectStore.info(
            answer.head, key: key, size: answer.head.headers["content-length"].flatMap { Int($0) } ?? -1)
    }

    private func call(_ method: HTTPRequest.Method) -> S3Call {
        S3Call(method: method, objectName: objectName, key: key)
    }
}
