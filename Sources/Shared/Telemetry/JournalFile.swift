// A file that people read while it grows: whole entries, one write each, and never too large for a disk.

import FoundationEssentials
import Glibc
import Synchronization

/// Why a journal cannot be written.
package struct JournalError: Error, Sendable, CustomStringConvertible {
    package let description: String
}

/// Appends entries to a file. What has grown too large becomes `<path>.1`, over the one before.
package final class JournalFile: Sendable {
    private struct State {
        var descriptor: Int32
        var bytes: Int
    }

    private let path: String
    private let bytesMax: Int
    private let state: Mutex<State>

    /// Opens the file, and makes its folder if need be.
    /// - Parameter bytesMax: how large it may grow; with the one before it, twice as much lies on disk at most.
    package init(path: String, bytesMax: Int = 64 << 20) throws(JournalError) {
        self.path = path
        self.bytesMax = bytesMax
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            do {
                try FileManager.default.createDirectory(
                    atPath: String(path[..<slash]), withIntermediateDirectories: true)
            } catch { throw JournalError(description: "the folder of \(path) cannot be made: \(error)") }
        }
        state = Mutex(try Self.open(path))
    }

    deinit { _ = state.withLock { close($0.descriptor) } }

    /// Appends an entry. A full disk is no reason to fail what the entry is about: the entry is lost.
    package func append(_ text: String) {
        let bytes = Array(text.utf8)
        state.withLock { state in
            if state.bytes > 0, state.bytes + bytes.count > bytesMax { turnOver(&state) }
            let written = unsafe bytes.withUnsafeBytes { unsafe write(state.descriptor, $0.baseAddress, $0.count) }
            state.bytes += max(0, written)
        }
    }

    private func turnOver(_ state: inout State) {
        unsafe rename(path, "\(path).1")
        guard let next = try? Self.open(path) else { return }
        close(state.descriptor)
        state = next
    }

    private static func open(_ path: String) throws(JournalError) -> State {
        let descriptor = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw JournalError(description: "\(path) cannot be written: \(unsafe String(cString: strerror(errno)))")
        }
        return State(descriptor: descriptor, bytes: max(0, Int(lseek(descriptor, 0, SEEK_END))))
    }
}
