// Gzip input as a stream of bounded pieces. Members may follow one another, as `cat a.gz b.gz` and parallel
// compressors write them; an end in the middle, or no bytes at all, is an error and never a short result.

import CCurl

/// A running gzip decompression.
///
/// Give it input by ``feed(_:)``, take pieces by ``next()`` until it has none, and call ``finish()`` at the end.
package struct Gunzip: ~Copyable {
    /// The largest piece that ``next()`` returns; a small input may hold a thousand times its size.
    package static let pieceBytes = 256 * 1024

    private enum Position {
        case start, insideMember, betweenMembers
    }

    private let stream: UnsafeMutablePointer<z_stream>
    private var position = Position.start
    private var input: [UInt8] = []
    private var consumedCount = 0
    /// The last piece was full, so zlib may hold more output although all input is consumed.
    private var mayHoldMore = false

    package init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard freshet_gunzip_init(stream) == Z_OK else { preconditionFailure("no memory for a decompression") }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Hands over input; everything fed before must have been taken.
    package mutating func feed(_ bytes: [UInt8]) {
        precondition(consumedCount == input.count, "input is fed before the pieces of the last one were taken")
        input = bytes
        consumedCount = 0
    }

    /// The next piece of output, nil when more input is needed.
    package mutating func next() throws(GzipError) -> [UInt8]? {
        while consumedCount < input.count || mayHoldMore {
            if position == .betweenMembers {
                inflateReset(stream)
                position = .start
            }
            let piece = try inflatePiece()
            if !piece.isEmpty { return piece }
        }
        return nil
    }

    /// Checks that the input ended where a member ends.
    package consuming func finish() throws(GzipError) {
        switch position {
        case .start: throw .empty
        case .insideMember: throw .truncated
        case .betweenMembers: return
        }
    }

    /// All of `bytes` decompressed.
    ///
    /// - Throws: `.tooLarge` when the output passes `bytesMax`.
    package static func decompress(_ bytes: [UInt8], bytesMax: Int) throws(GzipError) -> [UInt8] {
        var gunzip = Gunzip()
        var output: [UInt8] = []
        gunzip.feed(bytes)
        while let piece = try gunzip.next() {
            output += piece
            guard output.count <= bytesMax else { throw .tooLarge(bytesMax: bytesMax) }
        }
        try gunzip.finish()
        return output
    }

    private mutating func inflatePiece() throws(GzipError) -> [UInt8] {
        var result = Z_OK
        var outputLeft = 0
        let start = consumedCount
        // zlib counts input in 32 bits.
        let count = min(input.count - start, 1 << 30)
        let piece = input.withUnsafeBufferPointer { [stream] buffer in
            stream.pointee.next_in = buffer.baseAddress.map { $0 + start }
            stream.pointee.avail_in = UInt32(count)
            return [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { output, filled in
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = UInt32(output.count)
                result = inflate(stream, Z_NO_FLUSH)
                outputLeft = Int(stream.pointee.avail_out)
                filled = output.count - outputLeft
            }
        }
        consumedCount = start + count - Int(stream.pointee.avail_in)
        mayHoldMore = outputLeft == 0 && result == Z_OK
        switch result {
        case Z_OK, Z_BUF_ERROR:
            position = .insideMember
        case Z_STREAM_END:
            position = .betweenMembers
        default:
            throw .corrupted(reason: stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(result)")
        }
        return piece
    }
}

/// A sequence of compressed chunks, decompressed as it is walked.
package struct GunzipSequence<Base: AsyncSequence>: AsyncSequence where Base.Element == [UInt8] {
    package typealias Element = [UInt8]
    fileprivate let base: Base

    package func makeAsyncIterator() -> Iterator {
        Iterator(base: base.makeAsyncIterator())
    }

    package struct Iterator: AsyncIteratorProtocol {
        private var base: Base.AsyncIterator
        private let decompression = Decompression()

        fileprivate init(base: Base.AsyncIterator) {
            self.base = base
        }

        package mutating func next() async throws -> [UInt8]? {
            try await next(isolation: #isolation)
        }

        package mutating func next(isolation actor: isolated (any Actor)?) async throws -> [UInt8]? {
            while true {
                if let piece = try decompression.next() { return piece }
                guard let chunk = try await base.next(isolation: actor) else {
                    try decompression.finish()
                    return nil
                }
                decompression.feed(chunk)
            }
        }
    }

    /// An iterator must be copyable and a decompression is not, so it lives in a box.
    private final class Decompression {
        private var gunzip: Gunzip? = Gunzip()

        func feed(_ bytes: [UInt8]) {
            gunzip?.feed(bytes)
        }

        func next() throws -> [UInt8]? {
            try gunzip?.next()
        }

        func finish() throws {
            try gunzip.take()?.finish()
        }
    }
}

extension AsyncSequence where Element == [UInt8] {
    /// The decompressed chunks, each at most ``Gunzip/pieceBytes`` long.
    ///
    /// Walking it throws ``GzipError`` for input that is empty, cut short or corrupted.
    package func gunzipped() -> GunzipSequence<Self> {
        GunzipSequence(base: self)
    }
}
