// The log reader: every way in which a CSV file of events can be laid out, and every way in which it can be wrong.

import Learning
import Models
import Testing

struct EventLogParserTests {
    static let log = """
        timestamp,visitorid,event,itemid,transactionid
        1433221332117,257597,view,355908,
        1433224214164,992329,addtocart,248676,
        1433221999827,111016,transaction,318965,42

        """

    @Test(arguments: [1, 2, 3, 7, 64, 65_536])
    func `chunk boundaries make no difference`(chunkBytes: Int) throws {
        let (events, report) = try parsed(Self.log, chunkBytes: chunkBytes)
        #expect(events.map(\.user) == ["257597", "992329", "111016"])
        #expect(events.map(\.item) == ["355908", "248676", "318965"])
        #expect(events.map(\.type) == ["view", "addtocart", "transaction"])
        #expect(events.map(\.timestampMs) == [1_433_221_332_117, 1_433_224_214_164, 1_433_221_999_827])
        #expect(report.rows == 3)
        #expect(report.faultyRows == 0)
    }

    @Test(arguments: [1, 5, 65_536])
    func `windows line ends, quotes, a byte order mark and a missing last line end are read`(chunkBytes: Int) throws {
        let text =
            "\u{FEFF}\"timestamp\",visitorid,event,itemid,note\r\n"
            + "\"1433221332117\",\"a\",\"view\",\"b\",\"said \"\"no\"\", left\"\r\n\r\n1433221332118,c,view,d,"
        let (events, report) = try parsed(text, chunkBytes: chunkBytes)
        #expect(events.map(\.user) == ["a", "c"])
        #expect(events.map(\.item) == ["b", "d"])
        #expect(report.rows == 2)
        #expect(report.faultyRows == 0)
    }

    @Test func `columns are found by name, in any order and by either name`() throws {
        let (events, _) = try parsed("item_id,note,event,ts,user_id\nx,1,view,1433221332117,y\n")
        #expect(events.map(\.user) == ["y"])
        #expect(events.map(\.item) == ["x"])
        #expect(events.map(\.timestampMs) == [1_433_221_332_117])
    }

    @Test(arguments: [
        ("1433221332117,a,view", RowFault.fieldCount), ("1433221332117,a,view,b,,", .fieldCount),
        ("1433221332117,\"a,view,b,", .unclosedQuote), ("1433221332117,\"a\"x,view,b,", .unclosedQuote),
        ("soon,a,view,b,", .timestamp), (",a,view,b,", .timestamp), ("-1433221332117,a,view,b,", .timestamp),
        ("1433221332117000,a,view,b,", .timestamp), ("99999999999999999999,a,view,b,", .timestamp),
        ("1433221332,a,view,b,", .seconds), ("1433221332117,,view,b,", .user), ("1433221332117,a b,view,b,", .user),
        ("1433221332117,a,click,b,", .eventType), ("1433221332117,a,,b,", .eventType),
        ("1433221332117,a,view,,", .item),
        ("1433221332117,a,view,{b},", .item), ("1433221332117,a,view,caf\u{E9},", .item),
    ])
    func `a broken row is passed over and counted by what is wrong with it`(row: String, fault: RowFault) throws {
        let good = [String](repeating: "1433221332117,a,view,b,\n", count: 30).joined()
        let (events, report) = try parsed("timestamp,visitorid,event,itemid,transactionid\n\(good)\(row)\n\(good)")
        #expect(events.count == 60)
        #expect(report.rows == 61)
        #expect(report.faults == [fault: 1])
        #expect(report.lines == [fault: [32]])
    }

    @Test func `bytes that are not UTF-8 break an identifier, but not another column`() throws {
        let good = [UInt8]("1433221332117,a,view,b,".utf8)
        var bytes = [UInt8]("timestamp,visitorid,event,itemid,transactionid\n".utf8)
        for _ in 0..<40 { bytes += good + [UInt8(ascii: "\n")] }
        bytes += good + [0xFF, 0xFE, UInt8(ascii: "\n")]
        bytes += [UInt8]("1433221332117,a".utf8) + [0xFF] + [UInt8](",view,b,\n".utf8)
        let (events, report) = try parsed(bytes)
        #expect(events.count == 41)
        #expect(report.faults == [.user: 1])
    }

    @Test func `identifiers are taken up to their longest length and no further`() throws {
        let longest = String(repeating: "u", count: 64)
        let good = [String](repeating: "1433221332117,\(longest),view,b,\n", count: 30).joined()
        let (events, report) = try parsed(
            "timestamp,visitorid,event,itemid,transactionid\n\(good)1433221332117,\(longest)u,view,b,\n")
        #expect(events.count == 30)
        #expect(report.faults == [.user: 1])
    }

    @Test(arguments: [
        (
            "",
            "events.csv: the file is empty; a header with timestamp|ts, visitorid|user_id, event, itemid|item_id "
                + "is expected"
        ),
        ("timestamp,visitorid,event,itemid\n", "events.csv: the file has a header but no rows"),
        (
            "timestamp,visitorid,itemid",
            "events.csv, line 1: the column event is missing; the header is `timestamp,visitorid,itemid`"
        ),
        (
            "timestamp,visitorid,event,itemid\n1433221332,a,view,b\n",
            "events.csv, line 2: the timestamp looks like seconds; multiply by 1000, milliseconds are expected "
                + "(1 such rows; 1 of 1 rows are unusable)"
        ),
    ])
    func `a file that is no log is refused with its name, line and reason`(text: String, message: String) {
        let error = #expect(throws: LearningError.self) { try parsed(text) }
        #expect(error?.description == message)
    }

    @Test func `a log may have one broken row in twenty, and not more`() throws {
        let header = "timestamp,visitorid,event,itemid\n"
        let good = [String](repeating: "1433221332117,a,view,b\n", count: 19).joined()
        #expect(try parsed("\(header)\(good)rubbish\n").report.faultyRows == 1)
        #expect(throws: LearningError.self) { try parsed("\(header)\(good)rubbish\nrubbish\n") }
    }

    @Test func `a hopeless file is given up on after ten thousand rows, and the most frequent fault is named`() throws {
        var parser = EventLogParser(file: "events.csv", types: .standard)
        try parser.read(Array("timestamp,visitorid,event,itemid\n1433221332117,a,click,b\n".utf8)) { _ in }
        let error = #expect(throws: LearningError.self) {
            for _ in 0..<20_000 { try parser.read(Array("1433221332,a,view,b\n".utf8)) { _ in } }
        }
        #expect(error?.line == 3)
        #expect(error?.reason.hasPrefix(RowFault.seconds.rawValue) == true)
        #expect(parser.report.rows == 10_000)
        #expect(parser.report.lines[.seconds] == [3, 4, 5, 6, 7])
    }

    @Test func `a line without end is refused instead of being kept`() {
        var parser = EventLogParser(file: "events.csv", types: .standard)
        let error = #expect(throws: LearningError.self) {
            for _ in 0..<100 { try parser.read([UInt8](repeating: UInt8(ascii: "x"), count: 65_536)) { _ in } }
        }
        #expect(error?.reason.hasPrefix("the line is longer than 1 MiB") == true)
    }
}
