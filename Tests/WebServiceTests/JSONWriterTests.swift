// The writer's output, byte by byte.

import Testing
import WebService

@Suite struct JSONWriterTests {
    private func written(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func `commas stand between members and elements and nowhere else`() {
        let text = written { writer in
            writer.object { object in
                object.key("empty")
                object.array { _ in }
                object.key("list")
                object.array { list in
                    list.integer(1)
                    list.object { $0.field("a", true) }
                    list.object { _ in }
                    list.null()
                }
                object.field("last", "x")
            }
        }
        #expect(text == #"{"empty":[],"list":[1,{"a":true},{},null],"last":"x"}"#)
    }

    @Test(arguments: [
        ("plain", #""plain""#), ("", #""""#), ("\"\\/", #""\"\\/""#), ("a\nb\r\t", #""a\nb\r\t""#),
        ("\u{0}\u{1}\u{1F}", #""\u0000\u0001\u001f""#), ("Ж€😀\u{7F}", "\"Ж€😀\u{7F}\""),
    ])
    func `strings are escaped where JSON demands it`(text: String, expected: String) {
        #expect(written { $0.string(text) } == expected)
    }

    @Test(arguments: [
        (0, "0"), (7, "7"), (-1, "-1"), (1_234_567_890, "1234567890"), (Int64.max, "9223372036854775807"),
        (Int64.min, "-9223372036854775808"),
    ])
    func `whole numbers`(value: Int64, expected: String) {
        #expect(written { $0.integer(value) } == expected)
    }

    @Test func `numbers take the shortest form that reads back, and what is none becomes null`() {
        #expect(written { $0.number(Float(0.1)) } == "0.1")
        #expect(written { $0.number(0.1 + 0.2) } == "0.30000000000000004")
        #expect(written { $0.number(Double.infinity) } == "null")
        #expect(written { $0.number(Float.nan) } == "null")
    }

    @Test(arguments: [
        ("42", "42"), ("0", "0"), ("007", #""007""#), ("-3", #""-3""#), ("a1", #""a1""#),
        ("999999999999999", "999999999999999"), ("9999999999999999", #""9999999999999999""#), ("", #""""#),
    ])
    func `an identifier becomes a number only if every reader keeps it exactly`(text: String, expected: String) {
        #expect(written { $0.numberOrPlainString(text) } == expected)
    }

    @Test func `lines of NDJSON have no commas between them`() {
        let text = written { writer in
            for index in 0..<2 {
                writer.object { $0.field("n", index) }
                writer.endLine()
            }
        }
        #expect(text == "{\"n\":0}\n{\"n\":1}\n")
    }
}
