// Reading an object and knowing afterwards what was read: decompressed and digested on the way, in pieces.

import ObjectStore

extension ObjectStore {
    /// Streams an object to `consume`, decompressed if its name ends in `.gz`; the size and the SHA-256, in lower-case
    /// hex, of what is stored. Throws `GzipError` for compressed data that is empty, cut short or corrupted.
    func readDigested(
        _ key: String, _ consume: ([UInt8]) async throws -> Void
    ) async throws -> (bytes: Int, sha256: String) {
        let body = try await get(key)
        var hasher = SHA256Hasher()
        var gunzip = key.hasSuffix(".gz") ? Gunzip() : nil
        var bytes = 0
        for try await chunk in body {
            hasher.update(chunk)
            bytes += chunk.count
            guard gunzip != nil else {
                try await consume(chunk)
                continue
            }
            gunzip?.feed(chunk)
            while let piece = try gunzip?.next() { try await consume(piece) }
        }
        try gunzip.take()?.finish()
        return (bytes, hasher.finishHex())
    }
}
