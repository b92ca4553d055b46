// What prepared data says about itself: what it was made from, so that the next run knows whether it can be used again,
// and what it consists of, so that half of it is never taken for the whole.

package import Models

/// The files of prepared data.
package enum PreparedFile: String, CaseIterable, Sendable {
    /// Events to train on: `timestamp,user_id,event,item_id`, a user's together and in the order of time.
    case events
    /// Events of which nothing is known as of their time, in the same columns; never trained on.
    case lastEvents = "last_events"
    /// The catalogue as of the last word: `item_id,available,categories`, categories from leaf to root, by spaces.
    case items
    /// Every change that is known of an item: `timestamp,itemid,property,value`.
    case itemProperties = "item_properties"
    /// The categories, as a forest: `categoryid,parentid`.
    case categoryTree = "category_tree"

    /// The file's name.
    package var name: String { "\(rawValue).csv.gz" }
}

/// A file that data was prepared from.
package struct PreparedInput: Codable, Hashable, Sendable {
    /// What kind of file it is, and its name.
    package let name: String
    /// Its size as stored, in bytes.
    package let bytes: Int
    /// What changes whenever its content does.
    package let etag: String

    package init(name: String, bytes: Int, etag: String) {
        self.name = name
        self.bytes = bytes
        self.etag = etag
    }
}

/// The table of contents of prepared data.
package struct PreparedDataManifest: Codable, Hashable, Sendable {
    /// The layout that this build writes and reads, and the way in which it cleans: with another number, data is
    /// prepared again.
    package static let format = 1

    /// The layout's number.
    package let format: Int
    /// The folder that holds the files; sorts by time.
    package let preparation: String
    /// When it was prepared, Unix ms.
    package let createdAtMs: Int64
    /// What it was prepared from.
    package let inputs: [PreparedInput]
    /// How it was prepared.
    package let parameters: [String: String]
    /// When the newest row that was believed happened, Unix ms. Before that time the data would have been others.
    package let knownFromMs: Int64
    /// When the first row that was not believed will happen, Unix ms; nil if there is none. From then on the data would
    /// be others.
    package let knownUntilMs: Int64?
    /// Its files.
    package let files: [String: ReleaseFile]

    package init(
        preparation: String, createdAtMs: Int64, inputs: [PreparedInput], parameters: [String: String],
        knownFromMs: Int64, knownUntilMs: Int64?, files: [PreparedFile: ReleaseFile]
    ) {
        format = Self.format
        self.preparation = preparation
        self.createdAtMs = createdAtMs
        self.inputs = inputs
        self.parameters = parameters
        self.knownFromMs = knownFromMs
        self.knownUntilMs = knownUntilMs
        self.files = Dictionary(uniqueKeysWithValues: files.map { ($0.key.rawValue, $0.value) })
    }

    /// What is promised about a file.
    package func file(_ file: PreparedFile) -> ReleaseFile? { files[file.rawValue] }

    private enum CodingKeys: String, CodingKey {
        case format, preparation, inputs, parameters, files
        case createdAtMs = "created_at_ms"
        case knownFromMs = "known_from_ms"
        case knownUntilMs = "known_until_ms"
    }
}
