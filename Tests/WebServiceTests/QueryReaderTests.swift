// Query parameters and path parameters as they come off the wire.

import HTTPTypes
import Hummingbird
import Testing
import WebService

@Suite struct QueryReaderTests {
    private func query(
        _ text: String, known: [String] = ["k", "name", "explain"],
        unknown: QueryReader.UnknownParameters = .refused
    ) throws(Problem) -> QueryReader {
        let head = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/x?\(text)")
        return try QueryReader(
            Request(head: head, body: RequestBody(buffer: ByteBuffer())), known: known, unknown: unknown)
    }

    private func detail(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return (error as? Problem)?.detail
        }
    }

    @Test func `values are percent-decoded`() throws {
        #expect(try query("name=a%20b+c%2B%D0%96&k=").text("name") == "a b c+Ж")
        #expect(try query("name=a&k=").text("k") == "")
        #expect(try query("na%6De=a").text("name") == "a")
        #expect(try query("&&name=a=b&").text("name") == "a=b")
        #expect(try query("").text("name") == nil)
    }

    @Test(arguments: ["name=%", "name=%4", "name=%zz", "name=%FF", "name=%C3%28", "%FF=1"])
    func `what cannot be decoded is refused`(text: String) {
        #expect(detail { _ = try query(text) }?.contains("percent-encoded UTF-8") == true)
    }

    @Test func `a parameter given twice is refused`() {
        #expect(detail { _ = try query("k=1&k=1") } == "k is given more than once")
    }

    @Test func `an unknown parameter is refused with the known ones, or ignored where clients are old`() throws {
        #expect(detail { _ = try query("K=1") } == "K is no parameter of this route; it knows k, name, explain")
        #expect(try query("K=1&k=2", unknown: .ignored).text("k") == "2")
    }

    @Test(arguments: ["0", "501", "-1", "1000000000", "99999999999999999999", "ten", "", "1.5", " 1", "1e2"])
    func `an integer out of its range names the parameter, the value and the range`(value: String) {
        let encoded = value.replacing(" ", with: "%20")
        let detail = detail { _ = try query("k=\(encoded)").integer("k", in: 1...500) }
        #expect(detail == "k must be a whole number from 1 to 500, got '\(value)'")
    }

    @Test func `integers, flags, choices and words are read`() throws {
        enum Blend: String, CaseIterable {
            case interleave, rrf
        }
        #expect(try query("k=500").integer("k", in: 1...500, default: 100) == 500)
        #expect(try query("").integer("k", in: 1...500, default: 100) == 100)
        #expect(try query("explain").flag("explain"))
        #expect(try !query("explain=false").flag("explain", default: true))
        #expect(try query("name=rrf").choice("name", default: Blend.interleave) == .rrf)
        #expect(try query("name=a,b,,c").words("name", countMax: 3) == ["a", "b", "c"])
        #expect(detail { _ = try query("explain=yes").flag("explain") } == "explain must be true or false, got 'yes'")
        let choice = detail { _ = try query("name=x").choice("name", default: Blend.rrf) }
        #expect(choice == "name must be interleave, rrf, got 'x'")
        #expect(
            detail { _ = try query("name=a,b").words("name", countMax: 1) } == "name takes at most 1 entries, got 2")
        #expect(detail { _ = try query("").required("name") } == "name is missing; it is a query parameter")
    }
}
