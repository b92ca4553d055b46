// Answers that no good server gives: each ends in a clear word, and with the record still there.

import Settings
import Stores
import Telemetry
import Testing

@testable import Tracking

@Suite(.serialized, .timeLimit(.minutes(3))) struct HostileServerTests {
    typealias Answer = StrangeServer.Answer

    @Test(arguments: [
        (Answer.endless, "longer than", MLflowFailure.Kind.away),
        (.text(200, "<html>hello"), "no MLflow answers: \"<html>hello\"", .away),
        (.text(200, #"{"experiment": 7}"#), "no MLflow answers", .away),
        (.text(500, "broken"), "HTTP 500 from http://127.0.0.1:", .away),
        (
            .text(503, #"{"error_code": "TEMPORARILY_UNAVAILABLE", "message": "soon"}"#),
            "TEMPORARILY_UNAVAILABLE: soon", .away
        ),
        (.text(429, ""), "HTTP 429", .away),
        (
            .text(302, "", headers: "Location: https://elsewhere/login\r\n"),
            "redirects to https://elsewhere/login; set", .misconfigured
        ),
        (.text(404, "<h1>Not Found</h1>"), "the address of an MLflow tracking server?", .misconfigured),
        (.text(401, "who are you"), "check MLFLOW_TRACKING_TOKEN", .misconfigured),
        (.text(403, #"{"error_code": "PERMISSION_DENIED", "message": "no"}"#), "PERMISSION_DENIED", .misconfigured),
    ])
    func `what is no answer is told, and the record waits`(
        answer: Answer, text: String, kind: MLflowFailure.Kind
    ) async throws {
        try await withTracker { _ in
            answer
        } _: { bed, server in
            try await bed.keep("t1", atMs: 1)
            let failure = try await bed.failure()
            #expect(failure.kind == kind && failure.message.contains(text), "\(failure)")
            #expect(failure.message.utf8.count < 1000)
            #expect(try await bed.waiting() == ["t1"])
            // What may get better is asked for a few times, what may not only once.
            #expect(server.requests.count == (kind == .away ? 3 : 1))
        }
    }

    @Test func `nobody there, and a server that says nothing`() async throws {
        try await withTracker { _ in
            .silence
        } _: { bed, server in
            try await bed.keep("t1", atMs: 1)
            // The sender is cancelled as by a shutdown while it waits for an answer.
            let sending = Task { try await bed.tracker.send(bed.lease, nowMs: 1) }
            while server.requests.isEmpty { await Task.yield() }
            sending.cancel()
            await #expect(throws: CancellationError.self) { try await sending.value }
            server.close()
            #expect(try await bed.failure().message.hasPrefix("no answer from http://127.0.0.1:"))
            #expect(try await bed.waiting() == ["t1"])
        }
    }

    @Test func `a record that is refused is put aside with the reason, and holds nobody up`() async throws {
        let refusal = #"{"error_code": "INVALID_PARAMETER_VALUE", "message": "not this one"}"#
        try await withTracker { request in
            request.target.contains("log-batch") ? .text(400, refusal) : .usual(request)
        } _: { bed, server in
            try await bed.keep("t1", atMs: 1)
            try await bed.keep("t2", atMs: 2)
            let turn = try #require(try await bed.tracker.send(bed.lease, nowMs: 1))
            #expect(turn.sent.isEmpty && turn.refused.map(\.run).count == 2)
            let status = try await bed.tracker.status()
            #expect(status.waiting.isEmpty && status.refused.count == 2)
            let reason = try await bed.tracker.refusal(of: try #require(status.refused.first))
            #expect(reason?.contains("INVALID_PARAMETER_VALUE: not this one") == true)
            #expect(bed.log.text.contains("not this one"))
            // Put aside means left alone, until a person says otherwise.
            let before = server.requests.count { $0.target.contains("runs/") }
            _ = try await bed.tracker.send(bed.lease, nowMs: 1)
            #expect(server.requests.count { $0.target.contains("runs/") } == before)
            try await bed.tracker.forgiveAll()
            #expect(try await bed.waiting() == ["t1", "t2"])
        }
    }

    @Test func `credentials are sent, and stand nowhere else`() async throws {
        try await withTracker(authorization: .bearer("s3cret")) { _ in
            .text(401, "no")
        } _: { bed, server in
            try await bed.keep("t1", atMs: 1)
            let failure = try await bed.failure()
            #expect(server.requests.allSatisfy { $0.head.contains("Authorization: Bearer s3cret") })
            #expect(server.requests.allSatisfy { !$0.target.contains("s3cret") })
            #expect(!"\(failure)\(bed.log.text)\(AuthorizationHeader.bearer("s3cret"))".contains("s3cret"))
        }
    }

    @Test func `one process sends at a time`() async throws {
        try await withTracker {
            .usual($0)
        } _: { bed, server in
            try await bed.keep("t1", atMs: 1)
            let other = bed.redis.trackingLease(token: "other")
            #expect(try await other.take())
            #expect(try await bed.tracker.send(bed.lease, nowMs: 1) == nil)
            #expect(server.requests.isEmpty)
            try await other.giveBack()
            #expect(try await bed.tracker.send(bed.lease, nowMs: 1)?.sent == ["t1"])
            #expect(try await bed.waiting().isEmpty)
            let page = String(decoding: await bed.registry.exposition(.prometheus), as: UTF8.self)
            #expect(page.contains(#"freshet_mlflow_records_total{role="trainer",outcome="sent"} 1"#), "\(page)")
        }
    }
}
