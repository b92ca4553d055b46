// The same JSON as AnswerWriter.swift writes, without explanations, for the path of every request: an answer has some 500
// pieces, so they are written into memory of known size without asking again and again whether there is room.
// Identifiers, numbers and our own names need no escaping. A test holds the two writers against each other.

import Models
import NIOCore
import Ranking

extension Answer {
    /// What surrounds the recommendations, at most: names, a user of 64 bytes, two numbers of 20 digits.
    private static let headBytesMax = 512
    /// One recommendation at most: 47 bytes of names, an item of 64, a place of 3 digits, and what an item's last word
    /// writes over.
    private static let placeBytesMax = 128

    /// The answer as JSON. Only for one without an explanation.
    var plainBytes: ByteBuffer {
        let capacity = Self.headBytesMax + places.count * Self.placeBytesMax
        var buffer = ByteBufferAllocator().buffer(capacity: capacity)
        unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { memory in
            guard let start = memory.baseAddress else { return 0 }
            var pieces = unsafe PieceWriter(next: start)
            appendHead(to: &pieces)
            var number = 0
            for place in places {
                number += 1
                if number == 1 { pieces.append(#"{"item_id":""#) } else { pieces.append(#",{"item_id":""#) }
                pieces.append(place.item)
                pieces.append(#"","place":"#)
                pieces.append(place: number)
                switch place.source {
                case .online: pieces.append(#","source":"online"}"#)
                case .offline: pieces.append(#","source":"offline"}"#)
                case .popular: pieces.append(#","source":"popular"}"#)
                }
            }
            pieces.append("]}")
            return unsafe pieces.next - start
        }
        return buffer
    }

    private func appendHead(to pieces: inout PieceWriter) {
        if let user {
            pieces.append(#"{"user_id":""#)
            pieces.append(text: user.text)
            pieces.append(#"","generation":"#)
        } else {
            pieces.append(#"{"user_id":null,"generation":"#)
        }
        pieces.append(text: generation.generation.description)
        pieces.append(#","blend":""#)
        pieces.append(text: blend.rawValue)
        pieces.append(#"","served_by":""#)
        pieces.append(text: rung.rawValue)
        if let onlineAsOf {
            pieces.append(#"","online_as_of":""#)
            pieces.append(text: onlineAsOf.description)
            pieces.append(#"","stale":"#)
        } else {
            pieces.append(#"","online_as_of":null,"stale":"#)
        }
        if isStale {
            pieces.append(#"true,"recommendations":["#)
        } else {
            pieces.append(#"false,"recommendations":["#)
        }
    }
}

/// Writes pieces one behind the other into memory that its owner has made large enough for all of them: that is the one
/// thing to check where it is made, and what `@safe` rests on.
@safe private struct PieceWriter {
    /// Where the next piece begins.
    private(set) var next: UnsafeMutableRawPointer

    init(next: UnsafeMutableRawPointer) { unsafe self.next = unsafe next }

    /// A literal, whose bytes lie in the program itself: copied without being looked at.
    @inline(__always)
    mutating func append(_ piece: StaticString) {
        unsafe next.copyMemory(from: piece.utf8Start, byteCount: piece.utf8CodeUnitCount)
        unsafe next += piece.utf8CodeUnitCount
    }

    /// A short text. Labelled, since a literal would rather be a String than a StaticString.
    mutating func append(text: String) {
        for byte in text.utf8 { append(byte) }
    }

    @inline(__always)
    mutating func append(_ item: ItemID) { unsafe next += item.write(to: next) }

    /// The number of a place, which has at most three digits.
    @inline(__always)
    mutating func append(place number: Int) {
        if number >= 100 { append(digit: number / 100) }
        if number >= 10 { append(digit: number / 10 % 10) }
        append(digit: number % 10)
    }

    @inline(__always)
    private mutating func append(digit: Int) { append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digit)) }

    @inline(__always)
    private mutating func append(_ byte: UInt8) {
        unsafe next.storeBytes(of: byte, as: UInt8.self)
        unsafe next += 1
    }
}
