// Who we are among machines and processes.

import Glibc

/// The machine's name, reduced to what may stand in a Redis key.
package enum HostName {
    package static func current() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        let name = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let kept = name.filter { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return kept.isEmpty ? "localhost" : String(decoding: kept, as: UTF8.self)
    }
}

/// This process's id.
enum ProcessID {
    static var current: Int32 { getpid() }
}
