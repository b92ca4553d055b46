// SHA-256 by libcrypto: streaming for checksums of releases, one-shot and keyed for request signatures.

import CCurl

/// A running SHA-256 digest; give it bytes as they come, then finish it once.
package struct SHA256Hasher: ~Copyable {
    /// Bytes in a digest.
    package static let byteCount = 32

    private let context: UnsafeMutableRawPointer

    package init() {
        guard let context = freshet_sha256_new() else { preconditionFailure("no memory for a digest") }
        self.context = context
    }

    deinit {
        freshet_sha256_free(context)
    }

    /// Adds bytes to the digest.
    package mutating func update(_ bytes: [UInt8]) {
        guard freshet_sha256_update(context, bytes, bytes.count) == 1 else {
            preconditionFailure("libcrypto refused to digest bytes")
        }
    }

    /// The digest of everything added.
    package consuming func finish() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, filled in
            guard let base = buffer.baseAddress, freshet_sha256_finish(context, base) == 1 else {
                preconditionFailure("libcrypto refused to finish a digest")
            }
            filled = Self.byteCount
        }
    }

    /// The digest of everything added, in lower-case hex.
    package consuming func finishHex() -> String {
        Self.hex(finish())
    }

    /// The digest of `bytes` in lower-case hex.
    package static func hex(of bytes: [UInt8]) -> String {
        var hasher = SHA256Hasher()
        hasher.update(bytes)
        return hasher.finishHex()
    }

    /// HMAC-SHA256, RFC 2104.
    static func authenticationCode(key: [UInt8], _ message: String) -> [UInt8] {
        let bytes = Array(message.utf8)
        return [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, filled in
            guard let base = buffer.baseAddress,
                freshet_hmac_sha256(key, key.count, bytes, bytes.count, base) == 1
            else { preconditionFailure("libcrypto refused to authenticate bytes") }
            filled = byteCount
        }
    }

    /// Bytes as lower-case hex.
    static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
