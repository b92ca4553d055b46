// How long the functions of a Swift text are, by counting braces in its code.

/// A function and its length.
struct FunctionLength: Equatable {
    let name: String
    /// The line of `func` or `init`, from 1.
    let line: Int
    /// Lines from there to the closing brace, both counted.
    let count: Int
}

extension SwiftSource {
    /// The functions and initialisers that have a body.
    var functionLengths: [FunctionLength] {
        code.matches(of: /\b(?:func\s+(`[^`]*`|[^\s(<]+)|(init)[?]?\s*[(<])/).compactMap { match in
            let start = match.range.lowerBound
            // `.init(` and `self.init(` are calls.
            guard start == code.startIndex || code[code.index(before: start)] != "." else { return nil }
            guard let body = Self.body(in: code.utf8[start...]) else { return nil }
            let name = String(match.1 ?? match.2 ?? "")
            let line = code.utf8[..<start].count { $0 == UInt8(ascii: "\n") } + 1
            return FunctionLength(name: name, line: line, count: body.count { $0 == UInt8(ascii: "\n") } + 1)
        }
    }

    /// From the declaration's start to its closing brace; nil for a declaration without a body, as in a protocol.
    private static func body(in declaration: Substring.UTF8View) -> Substring.UTF8View? {
        var brackets = 0
        var index = declaration.startIndex
        while index < declaration.endIndex {
            switch declaration[index] {
            case UInt8(ascii: "("), UInt8(ascii: "["): brackets += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): brackets -= 1
            case UInt8(ascii: "{") where brackets == 0: return braced(declaration, from: index)
            case UInt8(ascii: "}") where brackets == 0: return nil
            case UInt8(ascii: "\n") where brackets == 0 && !continues(declaration[index...]): return nil
            default: break
            }
            index = declaration.index(after: index)
        }
        return nil
    }

    /// Whether the line after this line break still belongs to the declaration's head.
    private static func continues(_ rest: Substring.UTF8View) -> Bool {
        let next = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
        return ["{", "->", "where", "async", "throws", "rethrows"].contains { next.starts(with: $0.utf8) }
    }

    private static func braced(_ declaration: Substring.UTF8View, from start: String.Index) -> Substring.UTF8View? {
        var depth = 0
        for index in declaration[start...].indices {
            if declaration[index] == UInt8(ascii: "{") { depth += 1 }
            if declaration[index] == UInt8(ascii: "}") { depth -= 1 }
            if depth == 0 { return declaration[...index] }
        }
        return nil
    }
}
