// The edge to hiredis: its RESP reader is fed bytes and reports values to a `ReplyBuilder` by callbacks.
// Confined to the event loop of the connection that owns it.

import CHiredis
import NIOCore

/// Splits a byte stream into replies; any fragmentation of the stream gives the same replies.
final class RESPReader {
    private let reader: UnsafeMutablePointer<redisReader>
    private let functions: UnsafeMutablePointer<redisReplyObjectFunctions>
    /// Must outlive `reader`, which holds its address.
    private let builder: UnsafeMutablePointer<ReplyBuilder>
    private let limits: RESPLimits

    /// hiredis moves the unread rest of its buffer up after every reply, so it is fed in small pieces.
    private static let feedByteCountMax = 8_192
    /// hiredis gives an empty buffer above this size back to the allocator.
    private static let idleBufferByteCountMax = 1_048_576

    init(limits: RESPLimits = RESPLimits()) throws(RedisError) {
        self.limits = limits
        self.builder = .allocate(capacity: 1)
        self.builder.initialize(to: ReplyBuilder(limits: limits))
        self.functions = .allocate(capacity: 1)
        self.functions.initialize(to: Self.callbacks)
        guard let reader = redisReaderCreateWithFunctions(functions) else {
            functions.deallocate()
            builder.deinitialize(count: 1)
            builder.deallocate()
            throw RedisError(.protocolViolation, "hiredis could not allocate a reader")
        }
        self.reader = reader
        reader.pointee.maxbuf = Self.idleBufferByteCountMax
        reader.pointee.privdata = UnsafeMutableRawPointer(builder)
    }

    deinit {
        redisReaderFree(reader)
        functions.deallocate()
        builder.deinitialize(count: 1)
        builder.deallocate()
    }

    /// Reads `bytes` and hands every reply that they complete to `deliver`, in order.
    func read(_ bytes: ByteBuffer, deliver: (RESPValue) -> Void) throws(RedisError) {
        var offset = 0
        let count = bytes.readableBytes
        while offset < count {
            let piece = min(count - offset, Self.feedByteCountMax)
            let status = bytes.withUnsafeReadableBytes { all in
                guard let base = all.baseAddress?.advanced(by: offset) else { return REDIS_ERR }
                return redisReaderFeed(reader, base.assumingMemoryBound(to: CChar.self), piece)
            }
            guard status == REDIS_OK else { throw violation() }
            offset += piece
            try drain(deliver)
        }
    }

    private func drain(_ deliver: (RESPValue) -> Void) throws(RedisError) {
        while true {
            var object: UnsafeMutableRawPointer?
            guard redisReaderGetReply(reader, &object) == REDIS_OK else { throw violation() }
            guard object != nil else { break }
            deliver(builder.pointee.takeReply())
        }
        let unread = reader.pointee.len - reader.pointee.pos
        if unread > limits.replyByteCountMax {
            throw RedisError(
                .protocolViolation, "the server sent a reply of more than \(limits.replyByteCountMax) bytes",
                wasPossiblyExecuted: true)
        }
        if unread > limits.lineByteCountMax, !hasLineEnd(within: limits.lineByteCountMax) {
            throw RedisError(
                .protocolViolation, "the server sent a line of more than \(limits.lineByteCountMax) bytes",
                wasPossiblyExecuted: true)
        }
    }

    /// Whether the unread bytes start with a complete line: without one, hiredis would search all of them again at
    /// every piece, which a hostile server could make quadratic.
    private func hasLineEnd(within count: Int) -> Bool {
        guard let buffer = reader.pointee.buf else { return false }
        let start = buffer.advanced(by: reader.pointee.pos)
        let first = UnsafeBufferPointer(start: start, count: count)
        return first.contains(CChar(bitPattern: UInt8(ascii: "\n")))
    }

    private func violation() -> RedisError {
        if let refusal = builder.pointee.refusal {
            return RedisError(.protocolViolation, "the server sent \(refusal)", wasPossiblyExecuted: true)
        }
        let text = withUnsafeBytes(of: reader.pointee.errstr) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return RedisError(.protocolViolation, "the server does not speak RESP: \(text)", wasPossiblyExecuted: true)
    }

    private static func builder(of task: UnsafePointer<redisReadTask>?) -> UnsafeMutablePointer<ReplyBuilder>? {
        task?.pointee.privdata?.assumingMemoryBound(to: ReplyBuilder.self)
    }

    private static let callbacks = redisReplyObjectFunctions(
        createString: { task, bytes, count in
            guard let task, let builder = RESPReader.builder(of: task) else { return nil }
            return builder.pointee.addString(
                type: task.pointee.type, bytes: UnsafeRawBufferPointer(start: bytes, count: count))
        },
        createArray: { task, count in RESPReader.builder(of: task)?.pointee.addArray(count: Int(count)) },
        createInteger: { task, number in RESPReader.builder(of: task)?.pointee.addInteger(Int(number)) },
        createNil: { task in RESPReader.builder(of: task)?.pointee.addNull() },
        freeObject: { _ in }
    )
}
