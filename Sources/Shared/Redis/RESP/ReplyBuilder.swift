// Collects what hiredis reports while it reads one reply: a flat list of nodes in document order and all payload bytes
// in one scratch buffer. Only when the reply is complete are the values built, each payload a slice of one buffer.

import CHiredis
import NIOCore

/// Lives at a fixed address, which `RESPReader` hands to hiredis. A value, not an object: the run-time checks that
/// accesses to an object's properties do not overlap took a tenth of a client's time here.
struct ReplyBuilder {
    private enum Node {
        case simpleString(offset: Int, count: Int)
        case error(offset: Int, count: Int)
        case integer(Int)
        case bulk(offset: Int, count: Int)
        case null
        case array(count: Int)
    }

    private let limits: RESPLimits
    private var nodes: [Node] = []
    private var payload = ByteBuffer()
    private var payloadOfReply = ByteBuffer()
    private var cursor = 0
    /// Why a callback refused a value, if one did: hiredis can only say "out of memory".
    private(set) var refusal: String?

    /// Above this size the scratch buffer becomes the reply's own buffer, rather than being copied.
    private static let copiedByteCountMax = 65_536

    init(limits: RESPLimits) {
        self.limits = limits
    }

    // hiredis takes any non-null pointer as the object and null as failure; the node list is the real object.
    private static var accepted: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: 1) }

    mutating func addString(type: Int32, bytes: UnsafeRawBufferPointer) -> UnsafeMutableRawPointer? {
        guard payload.readableBytes + bytes.count <= limits.replyByteCountMax else {
            refusal = "a reply of more than \(limits.replyByteCountMax) bytes"
            return nil
        }
        let offset = payload.writerIndex
        if !bytes.isEmpty {
            // Not `writeBytes`, whose generic path is a visible cost for the many short strings of a hash.
            payload.writeWithUnsafeMutableBytes(minimumWritableBytes: bytes.count) { free in
                free.copyMemory(from: bytes)
                return bytes.count
            }
        }
        switch type {
        case REDIS_REPLY_STATUS: return add(.simpleString(offset: offset, count: bytes.count))
        case REDIS_REPLY_ERROR: return add(.error(offset: offset, count: bytes.count))
        default: return add(.bulk(offset: offset, count: bytes.count))
        }
    }

    mutating func addArray(count: Int) -> UnsafeMutableRawPointer? {
        guard nodes.count + count < limits.replyValueCountMax else {
            refusal = "a reply of more than \(limits.replyValueCountMax) values"
            return nil
        }
        return add(.array(count: count))
    }

    mutating func addInteger(_ number: Int) -> UnsafeMutableRawPointer? { add(.integer(number)) }

    mutating func addNull() -> UnsafeMutableRawPointer? { add(.null) }

    private mutating func add(_ node: Node) -> UnsafeMutableRawPointer? {
        guard nodes.count < limits.replyValueCountMax else {
            refusal = "a reply of more than \(limits.replyValueCountMax) values"
            return nil
        }
        nodes.append(node)
        return Self.accepted
    }

    /// Builds the value of the reply just completed and makes ready for the next one.
    mutating func takeReply() -> RESPValue {
        if payload.readableBytes > Self.copiedByteCountMax {
            payloadOfReply = payload
            payload = ByteBuffer()
        } else if payload.readableBytes > 0 {
            payloadOfReply = ByteBufferAllocator().buffer(capacity: payload.readableBytes)
            payloadOfReply.writeImmutableBuffer(payload)
        }
        cursor = 0
        let reply = nextValue()
        payload.clear()
        payloadOfReply = ByteBuffer()
        nodes.removeAll(keepingCapacity: nodes.count <= 4_096)
        return reply
    }

    /// Recursion is bounded by hiredis' nesting limit.
    private mutating func nextValue() -> RESPValue {
        guard cursor < nodes.count else { return .null }
        let node = nodes[cursor]
        cursor += 1
        switch node {
        case .simpleString(let offset, let count): return .simpleString(text(offset, count))
        case .error(let offset, let count): return .error(text(offset, count))
        case .integer(let number): return .integer(number)
        case .bulk(let offset, let count):
            return .bulk(payloadOfReply.getSlice(at: offset, length: count) ?? ByteBuffer())
        case .null: return .null
        case .array(let count):
            var values: [RESPValue] = []
            values.reserveCapacity(count)
            for _ in 0..<count { values.append(nextValue()) }
            return .array(values)
        }
    }

    private func text(_ offset: Int, _ count: Int) -> String {
        payloadOfReply.getString(at: offset, length: count) ?? ""
    }
}
