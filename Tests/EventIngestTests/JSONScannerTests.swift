// The scanner agrees with a general decoder about what JSON is, and keeps what that one loses.

import FoundationEssentials
import Testing
import WebService

@testable import EventIngest

@Suite struct JSONScannerTests {
    private func scan(_ text: String) throws -> JSONScalar {
        var scanner = JSONScanner(Array(text.utf8))
        let value = try scanner.value()
        try scanner.expectEnd()
        return value
    }

    @Test(arguments: [
        (#""""#, JSONScalar.string("")), (#" "a" "#, .string("a")),
        (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{C}\n\r\t")),
        (#""\u0041\u00e9\u20AC""#, .string("Aé€")), (#""\uD83D\uDE00 😀""#, .string("😀 😀")),
        (#""\u0000""#, .string("\0")),
        ("0", .integer("0")), ("-0", .integer("-0")),
        ("123456789012345678901234567890", .integer("123456789012345678901234567890")),
        ("1.50", .fraction("1.50")), ("1e3", .fraction("1e3")), ("-2.5E-7", .fraction("-2.5E-7")),
        ("true", .bool(true)), ("false", .bool(false)), ("null", .null), ("{}", .nested("an object")),
        (#"{"a":[1,{"b":[]},{}],"c":null}"#, .nested("an object")), ("[[],[[]],{\"a\":1}]", .nested("an array")),
    ])
    func `values are read as they stand`(text: String, expected: JSONScalar) throws {
        #expect(try scan(text) == expected)
    }

    @Test(arguments: [
        "", " ", "tru", "truex", "nul", "+1", "01", "1.", ".5", "1e", "1e+", "-", "--1", "0x1", "NaN", "Infinity",
        "'a'",
        "\"", "\"a", #""\"#, #""\x""#, #""\u12""#, #""\u12G4""#, #""\uD83D""#, #""\uD83D\n""#, #""\uD83D\u0041""#,
        #""\uDE00""#,
        "\"\n\"", "\"\u{1}\"", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1}", "{", "}", "{]", #"{"a"}"#,
        #"{"a":}"#,
        #"{"a":1,}"#, #"{a:1}"#, #"{"a":1 "b":2}"#, #"{"a" 1}"#, "{1:2}", "1 2", "[] []", "{}x", "\u{FEFF}1", "/* */1",
    ])
    func `what is not JSON is refused`(text: String) {
        #expect(throws: JSONSyntaxError.self) { try scan(text) }
    }

    @Test func `bytes that are not UTF-8 are refused where the string begins`() {
        for bytes: [UInt8] in [[0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC0, 0xAF]] {
            var scanner = JSONScanner([0x20, 0x22] + bytes + [0x22])
            #expect(throws: JSONSyntaxError(offset: 2, reason: "the string is not UTF-8")) { try scanner.value() }
        }
    }

    @Test func `depth costs no stack and is bounded`() throws {
        let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(try scan(deepest) == .nested("an array"))
        #expect(throws: JSONSyntaxError.self) { try scan("[\(deepest)]") }
        #expect(throws: JSONSyntaxError.self) { try scan(String(repeating: #"{"a":"#, count: 500_000)) }
        #expect(throws: JSONSyntaxError.self) { try scan(String(repeating: "[", count: 1_000_000)) }
    }

    @Test(arguments: ["[1,]", "[1, ]", "[[1],]", #"{"a":1,}"#, "[,]", "[,1]"])
    func `a comma without a value behind it is refused`(text: String) {
        #expect(throws: JSONSyntaxError.self) { try scan(text) }
    }

    @Test func `it agrees with a general decoder about random texts`() throws {
        var random = SystemRandomNumberGenerator()
        let words = [
            "{", "}", "[", "]", ",", ":", "\"a\"", "\"\\n\"", "1", "-2.5", "true", "null", " ", "\"", "e", "\\",
        ]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 1...9, using: &random)).map { _ in words.randomElement(using: &random) ?? ""
            }.joined()
            // Foundation's decoder takes a comma before the end of an array, which RFC 8259, section 5, does not.
            let dense = text.filter { $0 != " " }
            guard !dense.contains(",]"), !dense.contains(",}") else { continue }
            let isJSON = (try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))) != nil
            #expect(((try? scan(text)) != nil) == isJSON, "\(text)")
        }
    }
}
