// What of a refused entry is kept. Anybody may write anything on the stream; what goes to quarantine stays for long, so
// it is bounded. The original stays on the event stream until its retention is over.

import Models
import Stores

/// Cuts oversized entries down for quarantine.
enum QuarantineLimits {
    /// Fields kept of an entry.
    static let fieldCountMax = 64
    /// Bytes kept of a field's name.
    static let nameBytesMax = 256
    /// Bytes kept of a field's value.
    static let valueBytesMax = 4096

    /// The entry within the limits, and what to add to the reason if something was cut off.
    static func cut(_ entry: EventEntry) -> (entry: EventEntry, note: String) {
        var isCut = entry.fields.count > fieldCountMax
        let fields = entry.fields.prefix(fieldCountMax).map { field in
            (name: cut(field.name, nameBytesMax, &isCut), value: cut(field.value, valueBytesMax, &isCut))
        }
        guard isCut else { return (entry, "") }
        let bytes = entry.fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        let whole = "\(entry.fields.count) fields, \(bytes) bytes"
        return (
            EventEntry(partition: entry.partition, id: entry.id, fields: fields, isBinary: entry.isBinary),
            " (shortened for quarantine; the entry has \(whole))"
        )
    }

    private static func cut(_ text: String, _ bytesMax: Int, _ isCut: inout Bool) -> String {
        guard text.utf8.count > bytesMax else { return text }
        isCut = true
        return String(decoding: text.utf8.prefix(bytesMax), as: UTF8.self)
    }
}
