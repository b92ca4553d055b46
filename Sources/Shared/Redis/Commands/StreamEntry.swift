// How stream entries come back from XRANGE, XREADGROUP, XAUTOCLAIM and the like.

package import NIOCore

/// One entry of a stream.
package struct StreamEntry: Sendable, Equatable {
    /// One field of an entry.
    package struct Field: Sendable, Equatable {
        package let name: ByteBuffer
        package let value: ByteBuffer
    }

    /// The id, such as `1700000000000-0`.
    package let id: String
    /// The fields in the order in which they were added; names may repeat.
    package let fields: [Field]

    /// The value of the first field called `name`.
    package func value(of name: String) -> ByteBuffer? {
        fields.first { $0.name.readableBytesView.elementsEqual(name.utf8) }?.value
    }
}

extension StreamEntry: RESPDecodable {
    package static func decode(_ reply: RESPValue) throws(RedisError) -> StreamEntry {
        let parts = try reply.elements(atLeast: 2)
        let id = try parts[0].as(String.self)
        // A pending entry that was deleted from the stream is delivered again with null instead of fields.
        if case .null = parts[1] { return StreamEntry(id: id, fields: []) }
        let values = try parts[1].elements()
        guard values.count.isMultiple(of: 2) else { throw .unexpected("pairs of field and value", parts[1]) }
        var fields: [Field] = []
        fields.reserveCapacity(values.count / 2)
        for index in stride(from: 0, to: values.count, by: 2) {
            fields.append(Field(name: try values[index].as(), value: try values[index + 1].as()))
        }
        return StreamEntry(id: id, fields: fields)
    }
}
