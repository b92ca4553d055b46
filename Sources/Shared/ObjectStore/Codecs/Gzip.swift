// Gzip output as a stream. The header carries no time and no name, so equal input gives equal bytes and equal
// checksums, whenever and wherever it is compressed.

import CCurl

/// A running gzip compression; give it bytes as they come, then finish it once.
package struct Gzip: ~Copyable {
    private static let pieceBytes = 64 * 1024
    private let stream: UnsafeMutablePointer<z_stream>

    /// - Parameter level: 1 is fastest, 9 smallest.
    package init(level: Int = 6) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard freshet_gzip_init(stream, Int32(max(1, min(level, 9)))) == Z_OK else {
            preconditionFailure("no memory for a compression")
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Takes bytes and returns those that are ready, possibly none.
    package mutating func compress(_ bytes: [UInt8]) -> [UInt8] {
        deflateAll(bytes, flush: Z_NO_FLUSH)
    }

    /// The remaining bytes.
    package consuming func finish() -> [UInt8] {
        deflateAll([], flush: Z_FINISH)
    }

    /// All of `bytes` compressed.
    package static func compress(_ bytes: [UInt8]) -> [UInt8] {
        var gzip = Gzip()
        let ready = gzip.compress(bytes)
        return ready + gzip.finish()
    }

    private func deflateAll(_ bytes: [UInt8], flush: Int32) -> [UInt8] {
        var output: [UInt8] = []
        bytes.withUnsafeBufferPointer { buffer in
            var offset = 0
            repeat {
                // zlib counts input in 32 bits.
                let count = min(buffer.count - offset, 1 << 30)
                stream.pointee.next_in = buffer.baseAddress.map { $0 + offset }
                stream.pointee.avail_in = UInt32(count)
                offset += count
                deflateInput(flush: flush, into: &output)
            } while offset < buffer.count
        }
        return output
    }

    private func deflateInput(flush: Int32, into output: inout [UInt8]) {
        var isMore = true
        while isMore {
            output += [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { piece, filled in
                stream.pointee.next_out = piece.baseAddress
                stream.pointee.avail_out = UInt32(piece.count)
                deflate(stream, flush)
                filled = piece.count - Int(stream.pointee.avail_out)
                // A full piece means that zlib may hold more; it says so only by being asked again.
                isMore = stream.pointee.avail_out == 0
            }
        }
    }
}
