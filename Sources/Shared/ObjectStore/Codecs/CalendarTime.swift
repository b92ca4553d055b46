// The three time formats of S3: the signature's stamp, XML's ISO 8601 and HTTP's dates, all UTC.

import Glibc

enum CalendarTime {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Unix seconds now.
    static func nowSeconds() -> Int {
        time(nil)
    }

    /// The signature's stamp, `20130524T000000Z`; its first eight characters are the date.
    static func stamp(seconds: Int) -> String {
        var seconds = seconds
        var fields = tm()
        gmtime_r(&seconds, &fields)
        func digits(_ value: Int32, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
        }
        let date = digits(fields.tm_year + 1900, 4) + digits(fields.tm_mon + 1, 2) + digits(fields.tm_mday, 2)
        return date + "T" + digits(fields.tm_hour, 2) + digits(fields.tm_min, 2) + digits(fields.tm_sec, 2) + "Z"
    }

    /// Unix ms of `2009-10-12T17:50:30.000Z`; nil for anything else.
    static func milliseconds(iso text: String) -> Int64? {
        let fields = text.split(whereSeparator: { "-T:.Z".contains($0) })
        guard fields.count >= 6, let year = Int32(fields[0]), let month = Int32(fields[1]) else { return nil }
        let fraction = fields.count > 6 ? Int64((fields[6] + "000").prefix(3)) : 0
        guard let fraction,
            let seconds = seconds(year: year, month: month, day: fields[2], time: fields[3...5])
        else { return nil }
        return seconds * 1000 + fraction
    }

    /// Unix ms of `Mon, 12 Oct 2009 17:50:30 GMT`; nil for anything else.
    static func milliseconds(http text: String) -> Int64? {
        let fields = text.split(whereSeparator: { ", :".contains($0) })
        guard fields.count == 8, fields[7] == "GMT", let month = months.firstIndex(of: String(fields[2])),
            let year = Int32(fields[3]),
            let seconds = seconds(year: year, month: Int32(month) + 1, day: fields[1], time: fields[4...6])
        else { return nil }
        return seconds * 1000
    }

    private static func seconds(year: Int32, month: Int32, day: Substring, time: ArraySlice<Substring>) -> Int64? {
        let clock = time.compactMap { Int32($0) }
        guard clock.count == 3, let day = Int32(day), (1970...9999).contains(year), (1...12).contains(month),
            (1...31).contains(day)
        else { return nil }
        var fields = tm()
        fields.tm_year = year - 1900
        fields.tm_mon = month - 1
        fields.tm_mday = day
        fields.tm_hour = clock[0]
        fields.tm_min = clock[1]
        fields.tm_sec = clock[2]
        return Int64(timegm(&fields))
    }
}
