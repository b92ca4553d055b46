// Whether a release fits into Redis, judged before the first key is written.

import Models

/// What a generation will take in Redis.
enum MemoryEstimate {
    /// What Redis needs for a key beside its value: entry, key string, object header and allocator slack, rounded up.
    static let bytesPerKey = 200
    /// The share of the limit that a load may fill; the rest is for online state and buffers.
    static let shareOfLimitMax = 0.95

    /// Bytes that the release's lists will take. A row's text is never smaller in the file than in Redis, so this errs upwards.
    static func bytes(of manifest: ReleaseManifest) -> Int {
        manifest.files.values.reduce(0) { $0 + $1.uncompressedBytes + $1.lists * bytesPerKey }
    }

    /// Why the release does not fit, with the numbers and the ways out; nil if it does.
    static func objection(to manifest: ReleaseManifest, usedBytes: Int, limitBytes: Int?) -> ReleaseFault? {
        guard let limitBytes else { return nil }
        let needed = bytes(of: manifest)
        let allowed = Int(Double(limitBytes) * shareOfLimitMax)
        guard usedBytes + needed > allowed else { return nil }
        return ReleaseFault(
            "release \(manifest.release) needs about \(megabytes(needed)) MB; Redis uses \(megabytes(usedBytes)) MB of "
                + "\(megabytes(limitBytes)) MB (maxmemory), of which a load may fill \(megabytes(allowed)) MB. "
                + "Raise maxmemory, lower KEEP_GENERATIONS, or publish shorter lists")
    }

    private static func megabytes(_ bytes: Int) -> Int { (bytes + 1_048_575) / 1_048_576 }
}
