// Universal binary JSON as XGBoost writes its models: https://ubjson.org (draft 12), with 64-bit lengths. Typed arrays, in
// which all that matters of a model stands, are kept as arrays of numbers.

/// A value of a model file.
enum UniversalBinaryJSON {
    case object([String: UniversalBinaryJSON])
    case array([UniversalBinaryJSON])
    case integers([Int])
    case floats([Float])
    case text(String)
    case integer(Int)
    case float(Float)
    case bool(Bool)
    case null

    /// Reads a whole file.
    /// - Throws: ``BoostingError`` for anything that is not one value, nests too deep, or claims to be longer than it is.
    init(_ bytes: [UInt8]) throws(BoostingError) {
        var reader = Reader(bytes: bytes)
        self = try reader.value(depth: 0)
        guard reader.isAtEnd else { throw BoostingError(reason: "bytes follow the model") }
    }

    /// A member of an object.
    /// - Throws: ``BoostingError`` if this is no object, or has no such member.
    func member(_ name: String) throws(BoostingError) -> UniversalBinaryJSON {
        guard case .object(let members) = self, let member = members[name] else {
            throw BoostingError(reason: "the model says nothing about \(name)")
        }
        return member
    }

    /// An array's integers.
    func integers(_ name: String) throws(BoostingError) -> [Int] {
        switch try member(name) {
        case .integers(let values): return values
        case .array(let values) where values.isEmpty: return []
        default: throw BoostingError(reason: "the model's \(name) are no integers")
        }
    }

    /// An array's numbers.
    func floats(_ name: String) throws(BoostingError) -> [Float] {
        guard case .floats(let values) = try member(name) else {
            throw BoostingError(reason: "the model's \(name) are no numbers")
        }
        return values
    }

    /// A text.
    func text(_ name: String) throws(BoostingError) -> String {
        guard case .text(let text) = try member(name) else {
            throw BoostingError(reason: "the model's \(name) is no text")
        }
        return text
    }
}

extension UniversalBinaryJSON {
    /// Goes through the bytes once.
    private struct Reader {
        private static let depthMax = 16

        let bytes: [UInt8]
        private var next = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { next == bytes.count }

        mutating func value(depth: Int) throws(BoostingError) -> UniversalBinaryJSON {
            guard depth <= Self.depthMax else { throw BoostingError(reason: "the model nests too deep") }
            let type = try byte()
            switch type {
            case UInt8(ascii: "{"): return .object(try members(depth: depth))
            case UInt8(ascii: "["): return try array(depth: depth)
            case UInt8(ascii: "S"): return .text(try text())
            case UInt8(ascii: "d"): return .float(try float())
            case UInt8(ascii: "T"): return .bool(true)
            case UInt8(ascii: "F"): return .bool(false)
            case UInt8(ascii: "Z"): return .null
            default: return .integer(try integer(type))
            }
        }

        private mutating func members(depth: Int) throws(BoostingError) -> [String: UniversalBinaryJSON] {
            var members: [String: UniversalBinaryJSON] = [:]
            while try peek() != UInt8(ascii: "}") {
                let name = try text()
                members[name] = try value(depth: depth + 1)
            }
            next += 1
            return members
        }

        private mutating func array(depth: Int) throws(BoostingError) -> UniversalBinaryJSON {
            if try peek() == UInt8(ascii: "$") {
                next += 1
                let type = try byte()
                let count = try self.count()
                if type == UInt8(ascii: "d") {
                    var values: [Float] = []
                    for _ in 0..<count { values.append(try float()) }
                    return .floats(values)
                }
                var values: [Int] = []
                for _ in 0..<count { values.append(try integer(type)) }
                return .integers(values)
            }
            var values: [UniversalBinaryJSON] = []
            if try peek() == UInt8(ascii: "#") {
                for _ in 0..<(try count()) { values.append(try value(depth: depth + 1)) }
                return .array(values)
            }
            while try peek() != UInt8(ascii: "]") { values.append(try value(depth: depth + 1)) }
            next += 1
            return .array(values)
        }

        /// A length, after its mark. Each element takes a byte at least, so a longer one is a lie.
        private mutating func count() throws(BoostingError) -> Int {
            guard try byte() == UInt8(ascii: "#") else { throw BoostingError(reason: "an array has no length") }
            return try length()
        }

        private mutating func length() throws(BoostingError) -> Int {
            let type = try byte()
            let length = try integer(type)
            guard length >= 0, length <= bytes.count - next else { throw BoostingError(reason: "the model is cut off") }
            return length
        }

        private mutating func text() throws(BoostingError) -> String {
            let length = try length()
            next += length
            return String(decoding: bytes[next - length..<next], as: UTF8.self)
        }

        private mutating func integer(_ type: UInt8) throws(BoostingError) -> Int {
            switch type {
            case UInt8(ascii: "U"): return Int(try byte())
            case UInt8(ascii: "i"): return Int(Int8(truncatingIfNeeded: try word(bytes: 1)))
            case UInt8(ascii: "I"): return Int(Int16(truncatingIfNeeded: try word(bytes: 2)))
            case UInt8(ascii: "l"): return Int(Int32(truncatingIfNeeded: try word(bytes: 4)))
            case UInt8(ascii: "L"): return Int(Int64(bitPattern: try word(bytes: 8)))
            default: throw BoostingError(reason: "the model is not in universal binary JSON")
            }
        }

        private mutating func float() throws(BoostingError) -> Float {
            Float(bitPattern: UInt32(truncatingIfNeeded: try word(bytes: 4)))
        }

        private mutating func word(bytes count: Int) throws(BoostingError) -> UInt64 {
            var word: UInt64 = 0
            for _ in 0..<count { word = word << 8 | UInt64(try byte()) }
            return word
        }

        private mutating func byte() throws(BoostingError) -> UInt8 {
            let byte = try peek()
            next += 1
            return byte
        }

        private func peek() throws(BoostingError) -> UInt8 {
            guard next < bytes.count else { throw BoostingError(reason: "the model is cut off") }
            return bytes[next]
        }
    }
}
