// The fields of one flat JSON object per line, by name and without making a tree: of an archived event seven fields
// count, and a later version may add any others.

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Reads one object at a time into memory that it uses again.
struct JSONLineReader {
    private let names: [[UInt8]]
    private var text: [UInt8] = []
    /// The wanted fields of the present line.
    private var fields: [CSVField?]

    /// `names` are the wanted fields.
    init(names: [String]) {
        self.names = names.map { Array($0.utf8) }
        fields = [CSVField?](repeating: nil, count: names.count)
    }

    /// Hands over the wanted fields in the order of their names: a string's text, a number's or a truth value's
    /// spelling, nil where there is none, or null, or something nested. Of fields with the same name the last counts.
    /// The bytes are valid only during the call. False if the line is no object.
    mutating func read(_ line: CSVField, _ body: ([CSVField?]) -> Void) -> Bool {
        text.removeAll(keepingCapacity: true)
        text.append(contentsOf: line)
        for index in fields.indices { fields[index] = nil }
        return text.withUnsafeMutableBufferPointer { text in
            guard Self.readObject(text, names, &fields) else { return false }
            body(fields)
            return true
        }
    }

    private static func readObject(
        _ text: UnsafeMutableBufferPointer<UInt8>, _ names: [[UInt8]], _ fields: inout [CSVField?]
    ) -> Bool {
        var cursor = JSONCursor(text)
        guard cursor.takes("{") else { return false }
        if cursor.takes("}") { return cursor.isAtEnd() }
        repeat {
            cursor.skipBlanks()
            guard let key = cursor.readString(), cursor.takes(":"), let value = cursor.readValue() else { return false }
            guard let field = names.firstIndex(where: { areEqual(text, key, $0) }) else { continue }
            let isMissing = value.range.isEmpty && !value.isText
            fields[field] = isMissing ? nil : UnsafeBufferPointer(rebasing: text[value.range])
        } while cursor.takes(",")
        return cursor.takes("}") && cursor.isAtEnd()
    }

    private static func areEqual(
        _ text: UnsafeMutableBufferPointer<UInt8>, _ range: Range<Int>, _ name: [UInt8]
    ) -> Bool {
        guard range.count == name.count, let base = text.baseAddress else { return false }
        return memcmp(base + range.lowerBound, name, name.count) == 0
    }
}
