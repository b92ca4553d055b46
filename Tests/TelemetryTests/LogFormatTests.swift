// Log lines: one per entry in both forms, whatever comes from outside.

import FoundationEssentials
import Logging
import Testing

@testable import Telemetry

@Suite struct LogFormatTests {
    private static let hostile = "a\nfake line\u{1B}[31m \"quoted\" \\ \u{7F}"

    private func line(_ format: LogFormat, message: String, _ metadata: [(key: String, value: String)] = []) -> String {
        format.line(
            timeMs: 1_763_913_600_123, level: .warning, label: "gateway", message: message, metadata: metadata)
    }

    @Test func `text is for people`() {
        #expect(
            line(.text, message: "slow request", [(key: "route", value: "/v1/popular"), (key: "why", value: "a b")])
                == "2025-11-23T16:00:00.123Z warning gateway: slow request route=/v1/popular why=\"a b\"\n")
    }

    @Test func `json is one object a line that reads back as what went in`() throws {
        let text = line(.json, message: Self.hostile, [(key: "error", value: Self.hostile)])
        #expect(text.utf8.filter { $0 == UInt8(ascii: "\n") }.count == 1)
        let object = try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
        #expect(object["time"] == "2025-11-23T16:00:00.123Z")
        #expect(object["level"] == "warning")
        #expect(object["label"] == "gateway")
        #expect(object["message"] == Self.hostile)
        #expect(object["error"] == Self.hostile)
    }

    @Test func `nothing from outside can forge a line of its own`() {
        let text = line(.text, message: Self.hostile, [(key: "user", value: Self.hostile)])
        #expect(text.utf8.filter { $0 == UInt8(ascii: "\n") }.count == 1)
        #expect(!text.contains("\u{1B}"))
    }
}
