// Replies of Redis as text, for questions that no store asks.

import NIOCore
import Redis

extension RESPValue {
    /// The text of a string or a status.
    var text: String? {
        switch self {
        case .bulk(let bytes): String(buffer: bytes)
        case .simpleString(let text): text
        default: nil
        }
    }

    /// The values of an array.
    var values: [RESPValue] {
        if case .array(let values) = self { values } else { [] }
    }
}
