// Source files that are not what they seem: each gives a result, or an error that names file and line.

import Learning
import Models
import ObjectStore
import Stores
import Testing
import Trainer

@Suite(.timeLimit(.minutes(1)))
struct SourceFileTests {
    private static let header = "timestamp,visitorid,event,itemid\n"
    private static let good = "1700000000000,u,view,i\n"

    @Test(arguments: [
        ("", nil, "the file is empty"), (header, nil, "the file has a header but no rows"),
        ("timestamp,visitorid,event\n1700000000000,u,view\n", 1, "the column itemid or item_id is missing"),
        ("\(header)1700000000,u,view,i\n", 2, "the timestamp looks like seconds"),
        ("\(header)\(good)1700000000000,\"u,view,i\n", 3, "a quoted field does not end"),
        ("\(header)\(good)1700000000000,\u{FC},view,i\n", 3, "the user id is not"),
        ("\u{1F}\u{8B} not gzip at all", 1, "the column timestamp or ts is missing"),
    ])
    func `a log that is none is named, with its line`(text: String, line: Int?, reason: String) async throws {
        try await withShop { shop in
            try await shop.put("events.csv", text)
            let error = await #expect(throws: LearningError.self) { _ = try await shop.prepare() }
            #expect(error?.file == "events.csv")
            #expect(error?.line == line)
            #expect(error?.reason.hasPrefix(reason) == true, "\(error?.reason ?? "")")
            #expect(try await shop.prepared.manifest() == nil)
        }
    }

    @Test(arguments: [
        header + good, "\u{FEFF}timestamp,visitorid,event,itemid\r\n1700000000000,u,view,i\r\n",
        header + "\"1700000000000\",\"u\",\"view\",\"i\"",
        "\(header)1700000000000,99999999999,view,18446744073709551616\n",
        header + String(repeating: good, count: 3) + "\n\n",
    ])
    func `a log that only looks odd is read`(text: String) async throws {
        try await withShop { shop in
            try await shop.put("events.csv", text)
            let found = try await shop.prepare()
            #expect(found.data.interactions.count == 1)
            #expect(found.report.inputs.allSatisfy { $0.faults.isEmpty })
        }
    }

    @Test func `compressed files that are empty or cut short are named, with the line that could not be read`()
        async throws
    {
        let rows = (0..<200_000).map { "\(1_700_000_000_000 + $0),u\($0 * 7_919 % 10_007),view,i\($0 % 977)\n" }
        let whole = Gzip.compress(Array((Self.header + rows.joined()).utf8))
        try await withShop { shop in
            try await shop.source.write("events.csv.gz", chunks: [[]])
            let empty = await #expect(throws: LearningError.self) { _ = try await shop.prepare() }
            #expect(empty?.description.hasPrefix("events.csv.gz, line 1: gzip: the file is empty") == true)

            try await shop.source.write("events.csv.gz", chunks: [Array(whole.prefix(whole.count / 2))])
            let truncated = await #expect(throws: LearningError.self) { _ = try await shop.prepare() }
            #expect(truncated?.file == "events.csv.gz")
            #expect((truncated?.line).map { $0 > 10_000 && $0 < 200_000 } == true)
            #expect(truncated?.reason.contains("ends in the middle") == true)

            try await shop.source.write("events.csv.gz", chunks: [whole])
            #expect(try await shop.prepare().data.interactions.count == 200_000)
        }
    }

    @Test func `broken rows are counted with their lines up to the share that is allowed`() async throws {
        try await withShop { shop in
            let text = Self.header + String(repeating: Self.good, count: 7) + "x\ny\n1700000000001,u,view,i\n"
            try await shop.put("events.csv", text)
            let error = await #expect(throws: LearningError.self) { _ = try await shop.prepare() }
            #expect(error?.line == 9)
            #expect(error?.reason.contains("2 of 10 rows are unusable") == true)
            var parameters = PreparationParameters()
            parameters.badRowShareMax = 0.2
            let found = try await shop.prepare(parameters: parameters)
            #expect(found.report.inputs.first?.faults.map(\.firstLines) == [[9, 10]])
            #expect(found.data.interactions.count == 2)
        }
    }

    @Test func `properties and a tree with headers only say nothing, which is worth a warning`() async throws {
        try await withShop { shop in
            try await shop.put("events.csv", Self.header + Self.good)
            try await shop.put("item_properties.csv", "timestamp,itemid,property,value\n")
            try await shop.put("category_tree.csv", "categoryid,parentid\n")
            let found = try await shop.prepare()
            #expect(found.report.events.trainedOn == 1)
            #expect(found.report.warnings.filter { $0.hasSuffix("has no rows") }.count == 2)
            try await shop.put("item_properties.csv", "")
            await #expect(throws: LearningError.self) { _ = try await shop.prepare() }
        }
    }

    @Test func `an archive is enough without a log, and nothing at all is an error`() async throws {
        try await withShop { shop in
            await #expect(throws: TrainerError.self) { _ = try await shop.prepare() }
            try await shop.archive("a.ndjson.gz", #"{"id":"1700000000000-0","user_id":"u","item_id":"i"}"# + "\n")
            #expect(try await shop.prepare().data.interactions.count == 1)
            try await shop.archive("a.ndjson.gz", "")
            await #expect(throws: TrainerError.self) { _ = try await shop.prepare() }
        }
    }
}
