// A list of items with scores, and its text form `<item>:<score> <item>:<score> …`, which is what Redis holds.
// The text form is read on every request, so it is read byte by byte.

/// An item and how well it fits; what the score means depends on the list.
package struct ScoredItem: Hashable, Sendable {
    /// The item.
    package let item: ItemID
    /// Larger is better; comparable within one list only.
    package let score: Float

    package init(item: ItemID, score: Float) {
        self.item = item
        self.score = score
    }
}

/// Writes and reads lists of scored items.
package enum ItemListText {
    /// Appends `items` to `bytes`, best first as given.
    package static func append(_ items: some Sequence<ScoredItem>, to bytes: inout [UInt8]) {
        var isFirst = true
        for scored in items {
            if !isFirst { bytes.append(UInt8(ascii: " ")) }
            isFirst = false
            scored.item.append(to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            ScoreText.append(scored.score, to: &bytes)
        }
    }

    /// The text of a list.
    package static func text(_ items: some Sequence<ScoredItem>) -> String {
        var bytes: [UInt8] = []
        append(items, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads a list; a word that is no `<item>:<score>` is passed over, since a damaged word must not cost the others.
    /// An item may contain colons: the last one stands before the score.
    package static func read(_ bytes: Span<UInt8>, into items: inout [ScoredItem]) {
        var start = 0
        while start < bytes.count {
            if let item = plainWord(bytes, &start) {
                items.append(item)
            } else {
                var end = start
                while end < bytes.count, bytes[end] != UInt8(ascii: " ") { end += 1 }
                if let item = anyWord(bytes.extracting(start..<end)) { items.append(item) }
                start = end + 1
            }
        }
    }

    /// Reads a word as nearly all are: an item of less than 16 bytes without a colon, and a score of a few digits that is
    /// not negative. Eight bytes are looked at together. Nil, and `start` as it was, for any other word.
    @inline(__always)
    private static func plainWord(_ bytes: Span<UInt8>, _ start: inout Int) -> ScoredItem? {
        guard start + 8 <= bytes.count else { return nil }
        var first = ByteWord.load(bytes, at: start)
        var second: UInt64 = 0
        var itemCount = ByteWord.position(of: UInt8(ascii: ":"), in: first)
        if itemCount < 8 {
            first &= ByteWord.lowBytes(itemCount)
            guard itemCount > 0, ByteWord.areAllowed(first, count: itemCount) else { return nil }
        } else {
            guard start + 16 <= bytes.count else { return nil }
            second = ByteWord.load(bytes, at: start + 8)
            let secondCount = ByteWord.position(of: UInt8(ascii: ":"), in: second)
            guard secondCount < 8 else { return nil }
            second &= ByteWord.lowBytes(secondCount)
            guard ByteWord.areAllowed(first, count: 8), ByteWord.areAllowed(second, count: secondCount) else {
                return nil
            }
            itemCount += secondCount
        }
        var next = start + itemCount + 1
        guard let score = ScoreText.readPlain(bytes, &next) else { return nil }
        start = next + 1
        return ScoredItem(item: ItemID(short: first.byteSwapped, second.byteSwapped), score: score)
    }

    private static func anyWord(_ word: Span<UInt8>) -> ScoredItem? {
        var colon = word.count - 1
        while colon >= 0, word[colon] != UInt8(ascii: ":") { colon -= 1 }
        guard colon >= 0, let item = ItemID(utf8: word.extracting(0..<colon)),
            let score = ScoreText.read(word.extracting((colon + 1)..<word.count))
        else { return nil }
        return ScoredItem(item: item, score: score)
    }

    /// Reads a list.
    package static func read(_ text: String) -> [ScoredItem] {
        var items: [ScoredItem] = []
        read(Array(text.utf8).span, into: &items)
        return items
    }
}

/// Scores as text: at most four decimals, without trailing zeros, so that the same list is the same bytes everywhere.
package enum ScoreText {
    /// Scores are kept to a ten-thousandth.
    private static let scale: Double = 10_000
    /// More digits would not fit into 64 bits.
    private static let digitCountMax = 18
    /// Larger scores lose their decimals rather than overflow.
    private static let scoreMax: Double = 1e14

    /// The score that `read` will give back for what `append` writes.
    package static func rounded(_ score: Float) -> Float {
        var bytes: [UInt8] = []
        append(score, to: &bytes)
        return read(bytes.span) ?? 0
    }

    /// Appends a score; what is not a number is written as 0.
    package static func append(_ score: Float, to bytes: inout [UInt8]) {
        guard score.isFinite else { return bytes.append(UInt8(ascii: "0")) }
        let units = Int64((min(max(Double(score), -scoreMax), scoreMax) * scale).rounded())
        if units < 0 { bytes.append(UInt8(ascii: "-")) }
        let (whole, fraction) = units.magnitude.quotientAndRemainder(dividingBy: UInt64(scale))
        appendDigits(whole, to: &bytes)
        guard fraction > 0 else { return }
        bytes.append(UInt8(ascii: "."))
        var rest = fraction
        var unit = UInt64(scale) / 10
        while rest > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(rest / unit))
            rest %= unit
            unit = max(unit / 10, 1)
        }
    }

    /// Reads a decimal number without exponent; nil if it is none.
    package static func read(_ bytes: Span<UInt8>) -> Float? {
        // Whole numbers all the way: a digit of a Double waits for the digit before it.
        var units = 0
        var scale = 1
        var digitCount = 0
        var hasPoint = false
        let isNegative = !bytes.isEmpty && bytes[0] == UInt8(ascii: "-")
        for index in (isNegative ? 1 : 0)..<bytes.count {
            let digit = bytes[index] &- UInt8(ascii: "0")
            if digit < 10 {
                guard digitCount < digitCountMax else { return nil }
                units = units &* 10 &+ Int(digit)
                if hasPoint { scale = scale &* 10 }
                digitCount += 1
            } else {
                guard bytes[index] == UInt8(ascii: "."), !hasPoint else { return nil }
                hasPoint = true
            }
        }
        guard digitCount > 0 else { return nil }
        let value = Double(units) / Double(scale)
        return Float(isNegative ? -value : value)
    }

    /// Powers of ten that a Float holds exactly, as a plain score's digits are; so one division rounds once.
    private static let plainDigitsMax = 7

    /// Reads a score of at most ``plainDigitsMax`` digits up to a space or the end, where `next` is then. Nil for any
    /// other text. What it answers is what ``read(_:)`` answers: both numbers are exact, the quotient is rounded once.
    static func readPlain(_ bytes: Span<UInt8>, _ next: inout Int) -> Float? {
        var units: UInt32 = 0
        var scale: UInt32 = 1
        var isFraction: UInt32 = 0
        var digits = 0
        while next < bytes.count, bytes[next] != UInt8(ascii: " ") {
            let digit = bytes[next] &- UInt8(ascii: "0")
            if digit < 10 {
                guard digits < plainDigitsMax else { return nil }
                units = units &* 10 &+ UInt32(digit)
                scale = isFraction == 0 ? 1 : scale &* 10
                digits += 1
            } else {
                guard bytes[next] == UInt8(ascii: "."), isFraction == 0 else { return nil }
                isFraction = 1
            }
            next += 1
        }
        return digits == 0 ? nil : Float(units) / Float(scale)
    }

    private static func appendDigits(_ value: UInt64, to bytes: inout [UInt8]) {
        if value < 10 { return bytes.append(UInt8(ascii: "0") + UInt8(value)) }
        appendDigits(value / 10, to: &bytes)
        bytes.append(UInt8(ascii: "0") + UInt8(value % 10))
    }
}
