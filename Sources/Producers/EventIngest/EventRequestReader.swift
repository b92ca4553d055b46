// From a request's body to events. A request is taken whole or not at all: a producer that has to find out which half
// of its batch went through would send the other half twice.

import HTTPTypes
import Models
import WebService

/// Reads the bodies of `POST /v1/events`.
struct EventRequestReader {
    /// The most errors that an answer names.
    static let errorCountMax = 100

    let fields: EventFieldsReader
    /// The most events in one request.
    let eventCountMax: Int

    /// All events of the body.
    /// - Throws: ``Problem`` 400 with what is wrong with each event, or 413 if there are too many.
    func read(_ bytes: [UInt8], form: BodyForm) throws(Problem) -> [IncomingEvent] {
        var collected = Collected()
        switch form {
        case .json: try readJSON(bytes, into: &collected)
        case .ndjson: try readLines(bytes, into: &collected)
        }
        guard collected.errorCount == 0 else {
            let shown =
                collected.errors.count < collected.errorCount ? "; the first \(collected.errors.count) are named" : ""
            throw .badRequest(
                "\(collected.errorCount) of \(collected.count) events cannot be taken, so none was\(shown)",
                errors: collected.errors)
        }
        guard !collected.events.isEmpty else { throw .badRequest("the body holds no events") }
        return collected.events
    }

    private func readJSON(_ bytes: [UInt8], into collected: inout Collected) throws(Problem) {
        var scanner = JSONScanner(bytes)
        do throws(JSONSyntaxError) {
            guard scanner.peek() != nil else { return }
            if scanner.take("[") {
                if !scanner.take("]") {
                    repeat {
                        collected.add(try fields.read(&scanner), line: nil)
                        guard collected.count <= eventCountMax else { break }
                    } while scanner.take(",")
                    if collected.count <= eventCountMax, !scanner.take("]") {
                        throw scanner.error("expected ',' or ']'")
                    }
                }
            } else {
                collected.add(try fields.read(&scanner), line: nil)
            }
            if collected.count <= eventCountMax { try scanner.expectEnd() }
        } catch { throw .badRequest("the body is not JSON: \(error.reason) at byte \(error.offset)") }
        try checkCount(collected.count)
    }

    /// Each line stands alone, so a broken one does not hide what is wrong with the others.
    private func readLines(_ bytes: [UInt8], into collected: inout Collected) throws(Problem) {
        var start = 0
        var line = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            line += 1
            var scanner = JSONScanner(bytes, start..<end)
            if scanner.peek() != nil {
                do throws(JSONSyntaxError) {
                    let event = try fields.read(&scanner)
                    try scanner.expectEnd()
                    collected.add(event, line: line)
                } catch {
                    let reason = "is not JSON: \(error.reason) at byte \(error.offset - start) of the line"
                    collected.add(.failure(EventError(field: "event", reason: reason)), line: line)
                }
                try checkCount(collected.count)
            }
            start = end + 1
        }
    }

    private func checkCount(_ count: Int) throws(Problem) {
        guard count <= eventCountMax else {
            throw Problem(
                .contentTooLarge, "the body holds more than \(eventCountMax) events; send them in several requests")
        }
    }

    /// What has been read so far.
    private struct Collected {
        private(set) var events: [IncomingEvent] = []
        private(set) var errors: [Problem.FieldError] = []
        private(set) var errorCount = 0
        private(set) var count = 0

        /// - Parameter line: Where the event stands in NDJSON, counting from 1 as editors do.
        mutating func add(_ result: Result<IncomingEvent, EventError>, line: Int?) {
            switch result {
            case .success(let event):
                if errorCount == 0 { events.append(event) }
            case .failure(let error):
                errorCount += 1
                if errors.count < EventRequestReader.errorCountMax {
                    let place = line.map { "line \($0): " } ?? ""
                    errors.append(Problem.FieldError(field: error.field, reason: place + error.reason, index: count))
                }
            }
            count += 1
        }
    }
}
