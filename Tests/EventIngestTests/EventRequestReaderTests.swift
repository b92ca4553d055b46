// From bodies to events: what is taken, and what each refusal says.

import HTTPTypes
import Models
import Testing
import WebService

@testable import EventIngest

@Suite struct EventRequestReaderTests {
    private static let reader = EventRequestReader(
        fields: EventFieldsReader(events: EventReader(types: .standard)), eventCountMax: 1000)

    private func read(_ text: String, _ form: BodyForm = .json) throws -> [[String]] {
        try Self.reader.read(Array(text.utf8), form: form).map { $0.fields.map { "\($0.name)=\($0.value)" } }
    }

    private func problem(_ text: String, _ form: BodyForm = .json) throws -> Problem {
        try #require(throws: Problem.self) { try Self.reader.read(Array(text.utf8), form: form) }
    }

    @Test(arguments: [
        (#"{"user_id":42,"item_id":"a"}"#, ["user_id=42", "item_id=a"]),
        (#"{"item_id":"x:1","user_id":"anna@shop"}"#, ["item_id=x:1", "user_id=anna@shop"]),
        (
            #"{"user_id":1,"item_id":2,"event":"addtocart","ts":1700000000000,"event_id":77,"v":1}"#,
            ["user_id=1", "item_id=2", "event=addtocart", "ts=1700000000000", "event_id=77", "v=1"]
        ),
        (
            #"{"user_id":1,"item_id":2,"ts":null,"price":1.50,"gift":true,"note":"ж \u20AC","none":null}"#,
            ["user_id=1", "item_id=2", "price=1.50", "gift=true", "note=ж €"]
        ),
        (
            #"{"user_id":12345678901234567890123,"item_id":-5}"#, ["user_id=12345678901234567890123", "item_id=-5"]
        ),
    ])
    func `fields are passed on as they were given, and none is invented`(text: String, expected: [String]) throws {
        #expect(try read(text) == [expected])
    }

    @Test func `an array and lines keep their order`() throws {
        let lines = (0..<100).map { #"{"user_id":1,"item_id":\#($0)}"# }
        let expected = (0..<100).map { ["user_id=1", "item_id=\($0)"] }
        #expect(try read("[\(lines.joined(separator: ", "))]") == expected)
        #expect(try read(lines.joined(separator: "\n"), .ndjson) == expected)
        #expect(try read(lines.joined(separator: "\r\n\r\n") + "\r\n", .ndjson) == expected)
    }

    @Test(arguments: [
        (#"{"item_id":1}"#, "user_id", "is missing"),
        (#"{"user_id":null,"item_id":1}"#, "user_id", "is missing"),
        (#"{"user_id":"","item_id":1}"#, "user_id", "must be 1 to 64 bytes"),
        (#"{"user_id":"a\u0000b","item_id":1}"#, "user_id", "must be 1 to 64 bytes"),
        (#"{"user_id":"юзер","item_id":1}"#, "user_id", "must be 1 to 64 bytes"),
        (#"{"user_id":1.0,"item_id":1}"#, "user_id", "got a number with a fraction"),
        (#"{"user_id":1e3,"item_id":1}"#, "user_id", "got a number with a fraction"),
        (#"{"user_id":true,"item_id":1}"#, "user_id", "got true or false"),
        (#"{"user_id":[1],"item_id":1}"#, "user_id", "got an array"),
        (#"{"user_id":{"id":1},"item_id":1}"#, "user_id", "got an object"),
        (#"{"user_id":1,"item_id":1,"extra":{"deep":[]}}"#, "extra", "got an object"),
        (#"{"user_id":1,"user_id":2,"item_id":1}"#, "user_id", "is given twice"),
        (#"{"user_id":1,"item_id":1,"x":1,"x":2}"#, "x", "is given twice"),
        (#"{"user_id":1,"item_id":1,"event":"teleport"}"#, "event", "unknown type"),
        (#"{"user_id":1,"item_id":1,"ts":1700000000}"#, "ts", "is it in seconds?"),
        (#"{"user_id":1,"item_id":1,"ts":"now"}"#, "ts", "must be a Unix time"),
        (#"{"user_id":1,"item_id":1,"ts":1.7e12}"#, "ts", "got a number with a fraction"),
        (#"{"user_id":1,"item_id":1,"ts":99999999999999999999999}"#, "ts", "must be a Unix time"),
        (#"{"user_id":1,"item_id":1,"event_id":"a b"}"#, "event_id", "printable ASCII"),
        (#"{"user_id":1,"item_id":1,"v":2}"#, "v", "understands up to 1"),
        (#"{"user_id":1,"item_id":1,"":"x"}"#, "", "name must have 1 to 128 bytes"),
        ("[1]", "event", "must be a JSON object, got a number"),
        ("\"x\"", "event", "must be a JSON object, got a string"),
        ("[[]]", "event", "must be a JSON object, got an array"),
    ])
    func `what cannot be taken is refused with field and reason`(text: String, field: String, reason: String) throws {
        let problem = try problem(text)
        #expect(problem.status.code == 400)
        let error = try #require(problem.errors.first)
        #expect(error.field == field)
        #expect(error.reason.contains(reason), "\(error.reason)")
        #expect(error.index == 0)
    }

    @Test func `size of an event is bounded`() throws {
        let many = (0..<31).map { #""f\#($0)":1"# }.joined(separator: ",")
        #expect(try problem(#"{"user_id":1,"item_id":1,\#(many)}"#).errors.first?.reason.contains("at most 32") == true)
        let long = String(repeating: "x", count: 4097)
        #expect(
            try problem(#"{"user_id":1,"item_id":1,"a":"\#(long)"}"#).errors.first?.reason
                == "is longer than 4096 bytes")
        #expect(try problem(#"{"user_id":1,"item_id":1,"\#(long)":1}"#).errors.first?.field.count == 40)
        let enough = (0..<30).map { #""f\#($0)":"\#(long.dropFirst())""# }.joined(separator: ",")
        #expect(try read(#"{"user_id":1,"item_id":1,\#(enough)}"#).first?.count == 32)
    }

    @Test func `all faults are named, up to a hundred`() throws {
        let body = (0..<300).map { $0 % 2 == 0 ? #"{"user_id":1,"item_id":1}"# : #"{"user_id":1}"# }
        let problem = try problem("[\(body.joined(separator: ","))]")
        #expect(problem.detail == "150 of 300 events cannot be taken, so none was; the first 100 are named")
        #expect(problem.errors.map(\.index) == (0..<100).map { 2 * $0 + 1 })
        #expect(problem.errors.allSatisfy { $0.field == "item_id" && $0.reason == "is missing" })
    }

    @Test func `a broken line does not hide the others, and is named as an editor counts`() throws {
        let good = #"{"user_id":1,"item_id":1}"#
        let problem = try problem("\(good)\n\n{\"user_id\":1,\n\(good) x\n\(good)\n[]\n", .ndjson)
        #expect(problem.errors.map(\.index) == [1, 2, 4])
        #expect(problem.errors[0].reason.hasPrefix("line 3: is not JSON: expected '\"' at byte 13 of the line"))
        #expect(problem.errors[1].reason.hasPrefix("line 4: is not JSON: expected the end at byte 26"))
        #expect(problem.errors[2].reason == "line 6: must be a JSON object, got an array")
    }

    @Test(arguments: ["", " \n ", "[]", "\n\n"])
    func `no events are a mistake`(text: String) throws {
        #expect(try problem(text, .json).status.code == 400)
        if text != "[]" { #expect(try problem(text, .ndjson).detail == "the body holds no events") }
    }

    @Test func `too many events are too many, whatever comes behind`() throws {
        let lines = Array(repeating: #"{"user_id":1,"item_id":1}"#, count: 1001)
        #expect(try problem("[\(lines.joined(separator: ","))").status.code == 413)
        #expect(try problem(lines.joined(separator: "\n"), .ndjson).status.code == 413)
        #expect(try read("[\(lines.dropLast().joined(separator: ","))]").count == 1000)
    }

    @Test func `a syntax error in an array says where`() throws {
        #expect(
            try problem(#"[{"user_id":1,"item_id":1},]"#).detail == "the body is not JSON: expected a value at byte 27")
        #expect(try problem(#"[{"user_id":1,"item_id":1} {}]"#).detail.contains("expected ',' or ']' at byte 27"))
        #expect(try problem(#"{"user_id":1,"item_id":1}{"#).detail.contains("expected the end at byte 25"))
        #expect(try problem(#"{"user_id":1 "item_id":1}"#).detail.contains("expected ',' or '}' at byte 13"))
    }
}
