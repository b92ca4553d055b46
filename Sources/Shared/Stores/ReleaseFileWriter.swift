// One file of a release while it is being written: compressed, digested and counted on the way.

import Models
import ObjectStore

/// Takes the rows of a release file.
package final class ReleaseFileWriter {
    private let name: String
    private let upload: any ObjectUpload
    private var gzip: Gzip?
    private var hasher: SHA256Hasher? = SHA256Hasher()
    private var rows = 0
    private var lists = 0
    private var bytes = 0
    private var uncompressedBytes = 0

    init(name: String, upload: any ObjectUpload) {
        self.name = name
        self.upload = upload
        // Lists are written once and read once, so time counts for more than the last tenth of their size.
        gzip = name.hasSuffix(".gz") ? Gzip(level: 1) : nil
    }

    /// Appends text that holds `rows` whole rows, which complete `lists` lists. The header counts as no row.
    package func write(_ text: [UInt8], rows: Int, lists: Int) async throws {
        self.rows += rows
        self.lists += lists
        uncompressedBytes += text.count
        try await store(gzip?.compress(text) ?? text)
    }

    func finish() async throws -> ReleaseFile {
        if let rest = gzip.take()?.finish() { try await store(rest) }
        _ = try await upload.finish()
        return ReleaseFile(
            name: name, rows: rows, lists: lists, bytes: bytes, uncompressedBytes: uncompressedBytes,
            sha256: hasher.take()?.finishHex() ?? "")
    }

    private func store(_ stored: [UInt8]) async throws {
        guard !stored.isEmpty else { return }
        hasher?.update(stored)
        bytes += stored.count
        try await upload.write(stored)
    }
}
