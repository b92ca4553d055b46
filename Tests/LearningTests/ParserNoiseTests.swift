// Files that are damaged at random: whatever the damage and however the bytes arrive, the parsers come to the same rows,
// the same counts and the same error, and account for every line.

import Learning
import Models
import Testing

struct ParserNoiseTests {
    private struct Random {
        var state: UInt64

        mutating func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
    }

    /// What a parser made of a file.
    private struct Outcome: Equatable {
        var rows: [String] = []
        var report: RowReport?
        var error: LearningError?
    }

    /// Bytes of which a few are replaced, dropped or repeated; above all by those that mean something.
    private func damaged(_ text: String, _ random: inout Random) -> [UInt8] {
        var bytes = Array(text.utf8)
        let telling = Array("\"\n\r,{}[]:\\u0\u{FEFF}".utf8) + [0, 0xFF, 0x80]
        for _ in 0..<random.next(12) {
            let place = random.next(bytes.count)
            switch random.next(3) {
            case 0: bytes[place] = telling[random.next(telling.count)]
            case 1: bytes.remove(at: place)
            default: bytes.insert(telling[random.next(telling.count)], at: place)
            }
        }
        return bytes
    }

    private func chunks(_ bytes: [UInt8], _ size: Int) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
    }

    private func log(_ bytes: [UInt8], chunkBytes: Int) -> Outcome {
        var outcome = Outcome()
        var parser = EventLogParser(file: "e", types: .standard, faultShareMax: 0.5)
        let take = { (row: EventRow) in outcome.rows.append("\(row.timestampMs) \(row.userText) \(row.itemText)") }
        do throws(LearningError) {
            for chunk in chunks(bytes, chunkBytes) { try parser.read(chunk, event: take) }
            outcome.report = try parser.finish(event: take)
        } catch { outcome.error = error }
        return outcome
    }

    private func archive(_ bytes: [UInt8], chunkBytes: Int) -> Outcome {
        var outcome = Outcome()
        var parser = ArchivedEventParser(file: "a", types: .standard, faultShareMax: 0.5)
        let take = { (row: ArchivedEventRow) in
            outcome.rows.append("\(row.id) \(row.event.timestampMs) \(row.event.userText) \(row.event.itemText)")
        }
        do throws(LearningError) {
            for chunk in chunks(bytes, chunkBytes) { try parser.read(chunk, event: take) }
            outcome.report = try parser.finish(event: take)
        } catch { outcome.error = error }
        return outcome
    }

    @Test(arguments: 1...4) func `damage is judged the same however the bytes arrive`(seed: UInt64) {
        let rows = (0..<12).map { "\(1_700_000_000_000 + $0),\"u\"\"\($0)\",view,i\($0),\"a,b\"\n" }
        let plain = (0..<12).map { "\(1_700_000_000_000 + $0),u\($0),view,i\($0),\n" }
        let lines = (0..<12).map {
            #"{"id":"170000000000\#($0 % 10)-1","user_id":"u\u0041","x":[{"y":"\\"}],"item_id":\#($0),"ts":null}"#
                + "\n"
        }
        var random = Random(state: seed)
        for _ in 0..<250 {
            let header = "timestamp,visitorid,event,itemid,transactionid\n"
            let csv = damaged(header + (random.next(2) == 0 ? plain : rows).joined(), &random)
            let json = damaged(lines.joined(), &random)
            let wholeLog = log(csv, chunkBytes: .max / 2)
            let wholeArchive = archive(json, chunkBytes: .max / 2)
            for chunkBytes in [1, 13, 100] {
                #expect(log(csv, chunkBytes: chunkBytes) == wholeLog)
                #expect(archive(json, chunkBytes: chunkBytes) == wholeArchive)
            }
            for outcome in [wholeLog, wholeArchive] {
                #expect((outcome.report == nil) != (outcome.error == nil))
                if let report = outcome.report { #expect(report.rows == outcome.rows.count + report.faultyRows) }
            }
        }
    }
}
