// Where the load goes.

package import Stores
package import WebClient

/// How events reach the system.
package enum EventPath: Sendable {
    /// `POST /v1/events` of an ingest.
    case http(WebAddress)
    /// `XADD`, as any producer may.
    case stream(EventStreamStore)

    /// For the report.
    var description: String {
        switch self {
        case .http(let address): "POST \(address)/v1/events"
        case .stream: "XADD"
        }
    }
}

/// The system under load.
package struct LoadTargets: Sendable {
    /// The gateway.
    package let gateway: WebAddress
    /// The way of the events.
    package let events: EventPath

    package init(gateway: WebAddress, events: EventPath) {
        self.gateway = gateway
        self.events = events
    }

    /// Makes sure that somebody is there before load is applied.
    func check() async throws(WorkloadError) {
        try await Self.check(gateway, "the gateway", option: "--gateway")
        switch events {
        case .http(let address): try await Self.check(address, "the ingest", option: "--ingest")
        case .stream(let stream):
            do { _ = try await stream.progress(deadlineMs: 5000) } catch {
                // Before the first event there is no stream, which is fine; a Redis that does not answer is not.
                guard let error = error as? StoreError, error.code == .conflict else {
                    throw WorkloadError("Redis does not take events: \(error)")
                }
            }
        }
    }

    private static func check(_ address: WebAddress, _ name: String, option: String) async throws(WorkloadError) {
        let answer: WebAnswer
        do {
            answer = try await WebConnection.with(address) { connection in
                try await connection.send(.get("/readyz"), timeoutMs: 5000)
            }
        } catch {
            throw WorkloadError(
                "\(name) does not answer at \(address): \(error). Start the system (make up), or say where it is with "
                    + option)
        }
        guard answer.status == 200 else {
            throw WorkloadError("\(name) at \(address) is not ready: \(answer.text.prefix(500))")
        }
    }
}
