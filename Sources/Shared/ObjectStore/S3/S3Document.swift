// Small helpers for S3's XML documents.

enum S3Document {
    /// The text of the first element at a path; nil when there is none.
    static func text(_ path: [String], in body: [UInt8], key: String) throws(ObjectStoreError) -> String? {
        var found: String?
        try walk(body, key: key) { current, text in
            if current == path, found == nil { found = text }
        }
        return found
    }

    /// Walks a document; what does not parse is a corrupted answer.
    static func walk(
        _ body: [UInt8],
        key: String,
        _ visit: (_ path: [String], _ text: String) throws -> Void
    ) throws(ObjectStoreError) {
        do {
            try XMLPullParser.walk(body, visit)
        } catch {
            throw ObjectStoreError(.corrupted, "S3's answer does not parse", key: key, cause: error)
        }
    }

    /// Text with the characters replaced that would end it.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.append(character)
            }
        }
        return result
    }
}
