// The blended read, with wrk, against the same server saying hello, in turns so that both see the same machine.

import Bootstrap
import FoundationEssentials
import Glibc

/// Requests per second of the blended read, relative to a hello-world.
struct Throughput {
    static let ratioMin = 0.5
    private static let turns = 2

    let system: BenchSystem
    let seconds: Int

    func measure(into report: inout Report) async throws {
        try await system.waitUntilApplied()
        let answer = try BlockingSocket(port: system.gatewayPort).get("/v1/recommendations/7?k=100")
        guard answer.status == 200, answer.body.contains("\"served_by\":\"full\""),
            answer.body.split(separator: "item_id").count == 101
        else { throw BenchError("the blended read is not whole: \(answer)") }
        // Requests are made beforehand: the load generator's own work counts against what it measures.
        let script = "/tmp/freshet-bench-\(getpid()).lua"
        try """
        local requests, next = {}, 0
        for user = 0, \(BenchSystem.userCount - 1) do
          requests[user + 1] = "GET /v1/recommendations/" .. user .. "?k=100 HTTP/1.1\\r\\nHost: bench\\r\\n\\r\\n"
        end
        request = function()
          next = next % #requests + 1
          return requests[next]
        end
        """.write(toFile: script, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: script) }

        let hello = try await system.startHello()
        defer { hello.signal(SIGKILL) }
        var helloRates: [Double] = []
        var readRates: [Double] = []
        for _ in 0..<Self.turns {
            helloRates.append(try await wrk("http://127.0.0.1:\(system.helloPort)/hello", script: nil))
            readRates.append(try await wrk("http://127.0.0.1:\(system.gatewayPort)/", script: script))
        }
        let (helloRate, readRate) = (helloRates.max() ?? 0, readRates.max() ?? 0)
        report.note("hello-world, requests/s", Report.decimal(helloRate, digits: 0))
        report.check(
            "blended read (k=100, ten items), requests/s",
            "\(Report.decimal(readRate, digits: 0)) = \(Report.decimal(readRate / helloRate, digits: 2)) of hello-world",
            limit: "\(Report.decimal(Self.ratioMin, digits: 2))", isMet: readRate >= helloRate * Self.ratioMin)
    }

    private func wrk(_ url: String, script: String?) async throws -> Double {
        let output = "/tmp/freshet-bench-\(getpid()).wrk"
        try? FileManager.default.removeItem(atPath: output)
        defer { try? FileManager.default.removeItem(atPath: output) }
        let child = try ChildProcess.start(
            "wrk", ["-t1", "-c64", "-d\(seconds)s"] + (script.map { ["-s", $0] } ?? []) + [url], outputFile: output)
        guard await child.waitForEnd(milliseconds: (seconds + 20) * 1000) else { throw BenchError("wrk hangs") }
        let text = try String(contentsOfFile: output, encoding: .utf8)
        guard !text.contains("Non-2xx"), !text.contains("Socket errors"),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("Requests/sec:") }),
            let rate = line.split(separator: " ").last.flatMap({ Double($0) })
        else { throw BenchError("wrk says: \(text)") }
        return rate
    }
}
