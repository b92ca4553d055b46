// Which names an object may have: those that S3, the S3 look-alikes built on file systems, and a plain
// directory all store and list alike, so a store can be exchanged without renaming anything.

/// The rules for keys, the same for every store.
package enum ObjectKey {
    /// S3's own limit, counted with the store's prefix.
    package static let byteCountMax = 1024
    /// What file systems allow between two slashes.
    package static let componentByteCountMax = 255

    /// Refuses a key that not every store could hold: empty, too long, with a NUL byte or
    /// a backslash (which some servers turn into a slash), or with a component
    /// that is empty, `.`, `..` or longer than 255 bytes.
    package static func validate(_ key: String) throws(ObjectStoreError) {
        guard !key.isEmpty else { throw ObjectStoreError(.invalidKey, "an object's key cannot be empty", key: key) }
        try validateCharacters(key)
        for component in key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            try validateComponent(component, key: key)
        }
    }

    /// Refuses what no valid key starts with; the last component may be any part of a name.
    package static func validatePrefix(_ prefix: String) throws(ObjectStoreError) {
        try validateCharacters(prefix)
        for component in prefix.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropLast() {
            try validateComponent(component, key: prefix)
        }
    }

    private static func validateCharacters(_ key: String) throws(ObjectStoreError) {
        guard key.utf8.count <= byteCountMax else {
            throw ObjectStoreError(
                .invalidKey, "a key has at most \(byteCountMax) bytes, this one \(key.utf8.count)",
                key: String(key.prefix(64)) + "…")
        }
        guard !key.utf8.contains(0) else {
            throw ObjectStoreError(.invalidKey, "a key cannot contain a NUL byte")
        }
        guard !key.utf8.contains(UInt8(ascii: "\\")) else {
            throw ObjectStoreError(.invalidKey, "a key cannot contain a backslash", key: key)
        }
    }

    private static func validateComponent(
        _ component: Substring.UTF8View,
        key: String
    ) throws(ObjectStoreError) {
        guard !component.isEmpty else {
            throw ObjectStoreError(.invalidKey, "a key has no slash at either end, and never two in a row", key: key)
        }
        guard !component.elementsEqual(".".utf8), !component.elementsEqual("..".utf8) else {
            throw ObjectStoreError(.invalidKey, "a key cannot contain '.' or '..' as a component", key: key)
        }
        guard component.count <= componentByteCountMax else {
            throw ObjectStoreError(
                .invalidKey, "between two slashes a key has at most \(componentByteCountMax) bytes",
                key: String(key.prefix(64)) + "…")
        }
    }
}
