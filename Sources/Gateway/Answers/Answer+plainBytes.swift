// The same JSON as AnswerWriter.swift writes, without explanations, for the path of every request: an answer has some 500
// pieces, so each is appended as it is, unescaped; identifiers, numbers and our own names need no escaping. A test holds
// the two writers against each other.

import Models
import Ranking

extension Answer {
    /// The answer as JSON. Only for one without an explanation.
    var plainBytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256 + places.count * 64)
        appendHead(to: &bytes)
        var number = 0
        for place in places {
            number += 1
            bytes.append(number == 1 ? #"{"item_id":""# : #",{"item_id":""#)
            place.item.append(to: &bytes)
            bytes.append(#"","place":"#)
            bytes.append(number: number)
            switch place.source {
            case .online: bytes.append(#","source":"online"}"#)
            case .offline: bytes.append(#","source":"offline"}"#)
            case .popular: bytes.append(#","source":"popular"}"#)
            }
        }
        bytes.append("]}")
        return bytes
    }

    private func appendHead(to bytes: inout [UInt8]) {
        if let user {
            bytes.append(#"{"user_id":""#)
            bytes.append(contentsOf: user.text.utf8)
            bytes.append(#"","generation":"#)
        } else {
            bytes.append(#"{"user_id":null,"generation":"#)
        }
        bytes.append(number: generation.generation)
        bytes.append(#","blend":""#)
        bytes.append(contentsOf: blend.rawValue.utf8)
        bytes.append(#"","served_by":""#)
        bytes.append(contentsOf: rung.rawValue.utf8)
        if let onlineAsOf {
            bytes.append(#"","online_as_of":""#)
            bytes.append(contentsOf: onlineAsOf.description.utf8)
            bytes.append(#"","stale":"#)
        } else {
            bytes.append(#"","online_as_of":null,"stale":"#)
        }
        bytes.append(isStale ? #"true,"recommendations":["# : #"false,"recommendations":["#)
    }
}

extension [UInt8] {
    /// Appends a literal. Its bytes lie in the program itself, so there is nothing to retain and nothing to outlive.
    fileprivate mutating func append(_ piece: StaticString) {
        unsafe append(contentsOf: UnsafeBufferPointer(start: piece.utf8Start, count: piece.utf8CodeUnitCount))
    }

    /// Appends a number that is not negative.
    fileprivate mutating func append(number: Int) {
        if number >= 10 { append(number: number / 10) }
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
    }
}
