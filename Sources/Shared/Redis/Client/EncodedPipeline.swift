// One or more commands written out for the wire, with what must be known of each once its type is gone: this is what
// connections, retries and the reload of functions work on.

import NIOCore

/// Commands ready to be sent together.
package struct EncodedPipeline: Sendable {
    struct Part {
        let name: String
        /// Where the command's bytes end, counted from the buffer's start.
        let end: Int
        let isIdempotent: Bool
    }

    private(set) var bytes: ByteBuffer
    private(set) var parts: [Part]
    /// The longest time that a command of the pipeline may block.
    private(set) var blockMs: Int?

    /// Adds commands one by one, then becomes an `EncodedPipeline`.
    struct Builder {
        private var encoder: CommandEncoder
        private var parts: [Part] = []
        private var blockMs: Int?

        init(commandCount: Int) {
            encoder = CommandEncoder(capacity: 128 * min(commandCount, 512))
            parts.reserveCapacity(commandCount)
        }

        mutating func append(_ command: some RedisCommand) {
            let name = command.name
            encoder.begin(name)
            command.encode(into: &encoder)
            encoder.end()
            if let commandBlockMs = command.blockMs { blockMs = max(blockMs ?? 0, commandBlockMs) }
            parts.append(
                Part(name: name, end: encoder.buffer.writerIndex, isIdempotent: command.isIdempotent))
        }

        consuming func finish() -> EncodedPipeline {
            EncodedPipeline(bytes: encoder.buffer, parts: parts, blockMs: blockMs)
        }
    }

    private init(bytes: ByteBuffer, parts: [Part], blockMs: Int?) {
        self.bytes = bytes
        self.parts = parts
        self.blockMs = blockMs
    }

    /// One command.
    init(_ command: some RedisCommand) {
        var builder = Builder(commandCount: 1)
        builder.append(command)
        self = builder.finish()
    }

    /// Only the commands at `indices`, in that order, for a second attempt.
    func picking(_ indices: [Int]) -> EncodedPipeline {
        var picked = ByteBuffer()
        var pickedParts: [Part] = []
        for index in indices {
            let start = index == 0 ? 0 : parts[index - 1].end
            picked.writeImmutableBuffer(bytes.getSlice(at: start, length: parts[index].end - start) ?? ByteBuffer())
            pickedParts.append(
                Part(name: parts[index].name, end: picked.writerIndex, isIdempotent: parts[index].isIdempotent))
        }
        return EncodedPipeline(bytes: picked, parts: pickedParts, blockMs: blockMs)
    }
}
