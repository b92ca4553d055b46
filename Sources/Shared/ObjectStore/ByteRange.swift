// The rule for ranges that both stores follow.

enum ByteRange {
    /// The part of an object that a range means: everything for nil, cut at the object's end.
    static func clamp(_ range: Range<Int>?, size: Int, key: String) throws(ObjectStoreError) -> Range<Int> {
        guard let range else { return 0..<size }
        guard range.lowerBound >= 0, !range.isEmpty, range.lowerBound < size else {
            throw ObjectStoreError(
                .invalidRange, "bytes \(range.lowerBound)..<\(range.upperBound) of an object of \(size) bytes", key: key
            )
        }
        return range.lowerBound..<min(range.upperBound, size)
    }
}
