// What the load test reads of an answer. A whole decoder would cost more than the answer did, on the same machine.

import NIOCore
import WebClient

/// What an answer says about itself.
struct AnswerGlance: Sendable {
    /// The rung of the degradation ladder; nil if the header is missing.
    let rung: String?
    /// Whether the event that was waited for does not show.
    let isStale: Bool
    /// Places by source.
    private(set) var online = 0
    private(set) var offline = 0
    private(set) var popular = 0

    var places: Int { online + offline + popular }

    init(_ answer: WebAnswer) {
        rung = answer.header("X-Served-By")
        let bytes = answer.body.readableBytesUInt8Span
        isStale = Self.finds(Self.stale, in: bytes, before: min(bytes.count, 400))
        let count = bytes.count - Self.source.count
        var index = 0
        while index < count {
            guard bytes[index] == Self.source[0], Self.stands(Self.source, at: index, in: bytes) else {
                index += 1
                continue
            }
            index += Self.source.count
            switch bytes[index] {
            case UInt8(ascii: "p"): popular += 1
            case UInt8(ascii: "o") where index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "n"): online += 1
            default: offline += 1
            }
        }
    }

    private static let source = Array(#""source":""#.utf8)
    private static let stale = Array(#""stale":true"#.utf8)

    private static func finds(_ text: [UInt8], in bytes: Span<UInt8>, before end: Int) -> Bool {
        for index in 0..<max(0, end - text.count) where stands(text, at: index, in: bytes) { return true }
        return false
    }

    private static func stands(_ text: [UInt8], at start: Int, in bytes: Span<UInt8>) -> Bool {
        guard start + text.count <= bytes.count else { return false }
        for offset in text.indices where bytes[start + offset] != text[offset] { return false }
        return true
    }
}
