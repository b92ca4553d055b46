// What can be wrong with compressed bytes.

/// Why bytes could not be decompressed.
package enum GzipError: Error, Sendable, Hashable, CustomStringConvertible {
    /// There were no bytes at all; even nothing, compressed, has 20.
    case empty
    /// The bytes end in the middle of a member.
    case truncated
    /// The bytes are not gzip, or fail gzip's own checksum; `reason` is zlib's.
    case corrupted(reason: String)

    /// More than `bytesMax` bytes came out.
    case tooLarge(bytesMax: Int)

    package var description: String {
        switch self {
        case .empty: "gzip: the file is empty, which is not a compressed file; write it again"
        case .truncated: "gzip: the file ends in the middle of its data; it was not written or read completely"
        case .corrupted(let reason): "gzip: the data is corrupted or not gzip: \(reason)"
        case .tooLarge(let bytesMax): "gzip: more than the expected \(bytesMax) bytes came out"
        }
    }
}
