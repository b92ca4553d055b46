// Commands on lists.

package import NIOCore

/// LPUSH: the list's length after pushing the elements, one by one, to its head.
package struct LPUSH: RedisCommand {
    package typealias Response = Int
    package let key: String
    package let elements: [RedisArgument]
    package init(_ key: String, _ elements: [RedisArgument]) {
        self.key = key
        self.elements = elements
    }
    package var name: String { "LPUSH" }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        encoder.write(contentsOf: elements)
    }
}

/// RPUSH: the list's length after pushing the elements to its tail.
package struct RPUSH: RedisCommand {
    package typealias Response = Int
    package let key: String
    package let elements: [RedisArgument]
    package init(_ key: String, _ elements: [RedisArgument]) {
        self.key = key
        self.elements = elements
    }
    package var name: String { "RPUSH" }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        encoder.write(contentsOf: elements)
    }
}

/// LPOP: takes the head of the list, nil when it is empty.
package struct LPOP: RedisCommand {
    package typealias Response = ByteBuffer?
    package let key: String
    package init(_ key: String) { self.key = key }
    package var name: String { "LPOP" }
    package func encode(into encoder: inout CommandEncoder) { encoder.write(key) }
}

/// LRANGE: the elements between two positions, both included; negative positions count from the tail.
package struct LRANGE: RedisCommand {
    package typealias Response = [ByteBuffer]
    package let key: String
    package let first: Int
    package let last: Int
    package init(_ key: String, _ first: Int, _ last: Int) {
        self.key = key
        self.first = first
        self.last = last
    }
    package var name: String { "LRANGE" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        encoder.write(first)
        encoder.write(last)
    }
}

/// LTRIM: keeps only the elements between two positions. Not repeatable: negative positions move with the length.
package struct LTRIM: RedisCommand {
    package typealias Response = Void
    package let key: String
    package let first: Int
    package let last: Int
    package init(_ key: String, _ first: Int, _ last: Int) {
        self.key = key
        self.first = first
        self.last = last
    }
    package var name: String { "LTRIM" }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        encoder.write(first)
        encoder.write(last)
    }
}

/// LREM: how many elements equal to `element` were removed; a count of 0 removes all of them.
package struct LREM: RedisCommand {
    package typealias Response = Int
    package let key: String
    package let count: Int
    package let element: RedisArgument
    package init(_ key: String, count: Int, _ element: RedisArgument) {
        self.key = key
        self.count = count
        self.element = element
    }
    package var name: String { "LREM" }
    package var isIdempotent: Bool { count == 0 }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        encoder.write(count)
        encoder.write(element)
    }
}

/// LLEN: the list's length.
package struct LLEN: RedisCommand {
    package typealias Response = Int
    package let key: String
    package init(_ key: String) { self.key = key }
    package var name: String { "LLEN" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) { encoder.write(key) }
}
