// Standard output: whether a person looks at it, and that they see it at once.

import Glibc

/// Whether standard output is a terminal.
var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

/// Sends out what was printed: a pipe would hold it back.
func flush() { fflush(nil) }
