// A record as text, as it waits in the object store.

import FoundationEssentials

extension TrackingRecord {
    /// The record as JSON.
    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return Array(try encoder.encode(self))
    }

    /// Reads what ``encoded()`` writes.
    /// - Throws: ``MLflowFailure`` `.refused`: what this build cannot read it will not be able to read later.
    static func decoded(_ bytes: [UInt8]) throws(MLflowFailure) -> TrackingRecord {
        let record: TrackingRecord
        do { record = try JSONDecoder().decode(TrackingRecord.self, from: Data(bytes)) } catch {
            throw MLflowFailure(.refused, "the record is not of the expected form: \(error)")
        }
        guard record.format == format else {
            throw MLflowFailure(
                .refused, "the record has layout \(record.format); this build reads \(format)")
        }
        return record
    }
}
