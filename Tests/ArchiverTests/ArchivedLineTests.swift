// Entries as lines: nothing is lost, and the reader of training data takes what the stream's readers take.

import FoundationEssentials
import Models
import NIOCore
import Stores
import Testing

@testable import Archiver
@testable import Learning

@Suite struct ArchivedLineTests {
    private static let id = StreamID(milliseconds: 1_700_000_000_000, sequence: 3)

    private func line(_ fields: [(String, String)]) -> String {
        line(fields.map { (ByteBuffer(string: $0.0), ByteBuffer(string: $0.1)) })
    }

    private func line(_ fields: [(ByteBuffer, ByteBuffer)]) -> String {
        var text: [UInt8] = []
        ArchivedLine.append(
            RawEntry(id: Self.id, fields: fields.map { (name: $0.0, value: $0.1) }), to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// What training makes of a line: the event, or what is wrong with it.
    private func trained(_ line: String) throws -> (user: String?, faults: [RowFault: Int]) {
        var parser = ArchivedEventParser(file: "a", types: .standard, faultShareMax: 1)
        var user: String?
        try parser.read(Array(line.utf8)) { user = String(decoding: $0.event.user, as: UTF8.self) }
        let report = try parser.finish { _ in }
        return (user, report.faults)
    }

    @Test func `fields stand as they came, in their order, unknown ones too`() throws {
        let text = line([("user_id", "u"), ("item_id", "i"), ("shop", "north"), ("note", "a \"b\" \\ \n\t\u{1}é")])
        #expect(
            text
                == #"{"id":"1700000000000-3","user_id":"u","item_id":"i","shop":"north","note":"a \"b\" \\ \n\t\u0001é"}"#
                + "\n")
        #expect(try trained(text).user == "u")
        let read = try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
        #expect(read["note"] == "a \"b\" \\ \n\t\u{1}é")
    }

    @Test func `a name twice and a field called id are listed, and the first value counts`() throws {
        let text = line([("id", "7"), ("user_id", "u"), ("item_id", "i"), ("user_id", "v"), ("_fields", "x")])
        #expect(
            text
                == #"{"id":"1700000000000-3","user_id":"u","item_id":"i","_fields":[["id","7"],["user_id","v"],["_fields","x"]]}"#
                + "\n")
        #expect(try trained(text).user == "u")
    }

    @Test(
        arguments: [
            ([0xFF], "/w=="), ([0xFF, 0xFE], "//4="), ([0xFF, 0xFE, 0xFD], "//79"), ([0xFF, 0, 0, 0x10], "/wAAEA=="),
        ] as [([UInt8], String)])
    func `an entry that is no text is kept byte by byte, and is no event`(bytes: [UInt8], base64: String) throws {
        let text = line([
            (ByteBuffer(string: "user_id"), ByteBuffer(string: "u")),
            (ByteBuffer(string: "item_id"), ByteBuffer(string: "i")),
            (ByteBuffer(string: "x"), ByteBuffer(bytes: bytes)),
        ])
        #expect(
            text
                == #"{"id":"1700000000000-3","_fields":[["user_id","u"],["item_id","i"],["x",{"base64":"\#(base64)"}]]}"#
                + "\n")
        #expect(try trained(text).faults == [.user: 1])
    }

    @Test func `many fields are looked through as few are`() {
        let fields = (0..<40).map { ("f\($0)", "\($0)") }
        let text = line(fields + [("f3", "again")])
        #expect(text.hasSuffix(#""f39":"39","_fields":[["f3","again"]]}"# + "\n"))
    }
}
