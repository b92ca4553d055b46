// Reads of the same truth may overlap, when an operator changes it while the bell rings for an earlier change. What counts
// is when a read began, not when it ended.

/// A value that reads replace; one that began earlier never undoes a later one.
struct NewestRead<Value> {
    /// What was read last; nil before the first read.
    private(set) var value: Value?
    private var begun = 0
    private var applied = 0

    /// Notes that a read begins; its number.
    mutating func begin() -> Int {
        begun += 1
        return begun
    }

    /// Takes a read's value over, unless a later read was faster; whether it did.
    mutating func apply(_ value: Value, read number: Int) -> Bool {
        guard number > applied else { return false }
        applied = number
        self.value = value
        return true
    }
}
