// What a release says about itself. The manifest is written last: a folder without one is not a release.

/// The lists that a release consists of.
package enum ReleaseList: String, Codable, CaseIterable, Sendable {
    /// Offline recommendations: `user_id,item_id,score`, best first within a user, a user's rows together.
    case offline
    /// Similar items: `item_id,similar_item_id,score`, best first within an item, an item's rows together.
    case similar
    /// Popular items: `category,item_id,score`, best first; an empty category stands for the whole catalogue.
    case popular
    /// The item catalogue: `item_id,available,categories`; available is 0 or 1, categories run from leaf to root, by spaces.
    case items
}

/// One file of a release.
package struct ReleaseFile: Codable, Hashable, Sendable {
    /// File name within the release's folder; `.gz` at the end means gzip.
    package let name: String
    /// Rows below the header.
    package let rows: Int
    /// How many lists the rows form: users, items or categories; equals `rows` for the catalogue.
    package let lists: Int
    /// Size in bytes as stored.
    package let bytes: Int
    /// Size in bytes after decompression; what the memory estimate is made from.
    package let uncompressedBytes: Int
    /// SHA-256 of the stored bytes, in lower-case hex.
    package let sha256: String

    package init(name: String, rows: Int, lists: Int, bytes: Int, uncompressedBytes: Int, sha256: String) {
        self.name = name
        self.rows = rows
        self.lists = lists
        self.bytes = bytes
        self.uncompressedBytes = uncompressedBytes
        self.sha256 = sha256
    }

    private enum CodingKeys: String, CodingKey {
        case name, rows, lists, bytes, sha256
        case uncompressedBytes = "uncompressed_bytes"
    }
}

/// A release's table of contents, `manifest.json`.
package struct ReleaseManifest: Codable, Hashable, Sendable {
    /// The layout that this build writes and reads.
    package static let format = 1

    /// The layout's number.
    package let format: Int
    /// The release's name, which is its folder's name.
    package let release: String
    /// When it was made, Unix ms.
    package let createdAtMs: Int64
    /// What made it, for people.
    package let producer: String
    /// The newest event that went into it, Unix ms; nil if unknown.
    package let trainedThroughMs: Int64?
    /// Its files, one for each list.
    package let files: [String: ReleaseFile]
    /// Parameters it was computed with, for people.
    package let parameters: [String: String]
    /// Offline metrics, for people and the release gate.
    package let metrics: [String: Double]

    package init(
        release: String, createdAtMs: Int64, producer: String, trainedThroughMs: Int64?,
        files: [ReleaseList: ReleaseFile], parameters: [String: String], metrics: [String: Double]
    ) {
        format = Self.format
        self.release = release
        self.createdAtMs = createdAtMs
        self.producer = producer
        self.trainedThroughMs = trainedThroughMs
        self.files = Dictionary(uniqueKeysWithValues: files.map { ($0.key.rawValue, $0.value) })
        self.parameters = parameters
        self.metrics = metrics
    }

    /// The file that holds a list.
    package func file(_ list: ReleaseList) -> ReleaseFile? { files[list.rawValue] }

    private enum CodingKeys: String, CodingKey {
        case format, release, producer, files, parameters, metrics
        case createdAtMs = "created_at_ms"
        case trainedThroughMs = "trained_through_ms"
    }
}

/// Release names: they become folder names and key values, so their form is narrow.
package enum ReleaseName {
    /// Whether `text` can be a release's name: 1 to 64 bytes of `A-Z a-z 0-9 _ . -`, not starting with a dot.
    package static func accepts(_ text: String) -> Bool {
        IdentifierRule.accepts(text.utf8) && !text.hasPrefix(".") && !text.contains(":") && !text.contains("@")
    }
}
