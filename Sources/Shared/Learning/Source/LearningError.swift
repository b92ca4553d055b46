// The one error of this module: input that lists cannot be made from.

/// Why input cannot be learned from, in words for the person who supplied the file.
package struct LearningError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file at fault, as its reader was told to call it.
    package let file: String
    /// The line at fault, counted from 1; nil if it is the file as a whole.
    package let line: Int?
    /// What is wrong and what would be right.
    package let reason: String

    package init(file: String, line: Int? = nil, reason: String) {
        self.file = file
        self.line = line
        self.reason = reason
    }

    package var description: String {
        if let line { "\(file), line \(line): \(reason)" } else { "\(file): \(reason)" }
    }
}
