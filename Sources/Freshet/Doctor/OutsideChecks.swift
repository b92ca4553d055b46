// The rest of the world: the object store and its clock, and our own ports.

import ObjectStore
import Settings
import Stores
import Telemetry
import WebClient

/// Looks at what is neither Redis nor in it.
enum OutsideChecks {
    private static let clockSkewMsWarning: Int64 = 5000
    /// S3 refuses requests whose time is further away than a quarter of an hour.
    private static let clockSkewMsMax: Int64 = 300_000
    private static let timeoutMs: Int64 = 5000

    static func objects(_ objects: any ObjectStore, token: String) async -> [Finding] {
        do {
            let probe = try await ObjectProbe.run(objects, token: token) { UTCTime.nowMs() }
            let reachable = Finding.ok("objects.reach", "\(objects.summary): written in \(probe.writeMs) ms")
            return [reachable, clock(aheadMs: probe.clockAheadMs)]
        } catch {
            return [
                .failure(
                    "objects.reach", "\(objects.summary): \(error)",
                    "check OBJECT_STORE and the S3_ keys, that the store runs, and that the keys may write")
            ]
        }
    }

    /// Judges how far the object store's clock is ahead of ours, or behind.
    static func clock(aheadMs: Int64) -> Finding {
        let text = "\(abs(aheadMs)) ms \(aheadMs > 0 ? "ahead of" : "behind") this machine's clock"
        let remedy = "synchronise both clocks (NTP): S3 refuses requests from more than 15 minutes away"
        if abs(aheadMs) > clockSkewMsMax { return .failure("objects.clock", text, remedy) }
        if abs(aheadMs) > clockSkewMsWarning { return .warning("objects.clock", text, remedy) }
        return .ok("objects.clock", "agrees with this machine's")
    }

    /// Asks each role whether it is ready.
    static func ports(_ services: [(role: String, address: WebAddress)]) async -> [Finding] {
        var findings: [Finding] = []
        for (role, address) in services { findings.append(await port(role, address)) }
        return findings
    }

    private static func port(_ role: String, _ address: WebAddress) async -> Finding {
        let check = "port.\(role)"
        do {
            let answer = try await WebConnection.with(address) { connection in
                try await connection.send(.get("/readyz"), timeoutMs: timeoutMs)
            }
            guard answer.text.contains("\"ready\":") else {
                return stranger(check, role, address)
            }
            return answer.status == 200
                ? .ok(check, "\(address) is ready")
                : .failure(
                    check, "\(address) is not ready: \(answer.text.prefix(400))",
                    "do what the other findings say; then look at its log")
        } catch {
            return away(check, role, address, (error as? WebClientError)?.code ?? .unreachable)
        }
    }

    /// What it means that a role gave no answer.
    private static func away(
        _ check: String, _ role: String, _ address: WebAddress, _ code: WebClientError.Code
    ) -> Finding {
        let variables = "\(role.uppercased())_HOST, \(role.uppercased())_PORT"
        switch code {
        case .unreachable:
            return .warning(
                check, "nobody answers at \(address)",
                "start it if it belongs on this machine: freshet \(role); or say where it is: \(variables)")
        case .timedOut, .lost, .busy:
            return .failure(
                check, "\(address) takes the question and gives no answer (\(code.rawValue))",
                "look at its log and at the machine's load; restart it if it hangs")
        case .unreadable: return stranger(check, role, address)
        }
    }

    private static func stranger(_ check: String, _ role: String, _ address: WebAddress) -> Finding {
        .failure(
            check, "what listens at \(address) is not Freshet", "choose another port: \(role.uppercased())_PORT")
    }
}
