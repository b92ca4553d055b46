// Sends signed requests and tries again where that can help. Everything above says what it wants of S3;
// everything below moves bytes.

import Logging

/// One request to S3, before it is signed.
struct S3Call: Sendable {
    var method: HTTPRequest.Method
    /// The object's whole key; nil for requests to the bucket.
    var objectName: String?
    /// What error texts call the object: its key below the store's prefix.
    var key: String
    var query: [(name: String, value: String)] = []
    var headers: [(name: String, value: String)] = []
    var body: [UInt8]?
}

/// A complete answer.
struct S3Answer: Sendable {
    let head: HTTPHead
    let body: [UInt8]
}

/// Signs, sends, retries.
final class S3Client: Sendable {
    /// Answers other than objects; a page of 1000 keys of 1024 bytes, each percent-encoded, stays below.
    private static let answerBytesMax = 8 * 1024 * 1024

    let limits: S3Limits
    let address: S3Address
    private let signature: SignatureV4
    let engine: CurlEngine
    private let logger: Logger

    init(
        location: S3Location,
        credentials: S3Credentials,
        limits: S3Limits,
        logger: Logger
    ) throws(ObjectStoreError) {
        self.limits = limits
        self.logger = logger
        address = try S3Address(location)
        signature = SignatureV4(credentials: credentials, region: location.region)
        engine = try CurlEngine(
            options: CurlOptions(
                connectTimeoutMs: limits.connectTimeoutMs, stallTimeoutMs: limits.stallTimeoutMs,
                connectionsMax: limits.connectionsMax, authorityFile: location.authorityFile))
    }

    /// A client that is forgotten without `close` ends its thread all the same.
    deinit {
        engine.requestClose()
    }

    func close() async {
        await engine.close()
    }

    /// Sends a request and reads its whole answer; statuses other than 2xx are errors.
    func send(_ call: S3Call) async throws -> S3Answer {
        try await retrying(call.key) { [self] in
            let (head, exchange) = try await openOnce(call, timeoutMs: limits.requestTimeoutMs)
            let body = try await readAll(exchange, key: call.key)
            // Copies and completed uploads may fail after their 200 has been sent.
            if call.method == .put || call.method == .post, let failure = S3Failure.hidden(in: body, key: call.key) {
                throw failure
            }
            return S3Answer(head: head, body: body)
        }
    }

    /// Sends a request whose answer is read as it comes; what fails after the head is the caller's to resume.
    func open(_ call: S3Call) async throws -> (HTTPHead, HTTPExchange) {
        try await retrying(call.key) { [self] in try await openOnce(call, timeoutMs: nil) }
    }

    /// Waits before retry number `retry`, counted from 1: full jitter below a bound that doubles and is capped.
    /// (Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.)
    func pause(beforeRetry retry: Int, after error: ObjectStoreError) async throws {
        let boundMs = min(limits.backoffMaxMs, limits.backoffBaseMs << min(retry - 1, 16))
        let pauseMs = Int.random(in: 0...max(0, boundMs))
        logger.debug(
            "retrying an S3 request",
            metadata: ["error": "\(error)", "retry": "\(retry)", "pause_ms": "\(pauseMs)"])
        try await Task.sleep(for: .milliseconds(pauseMs))
    }

    /// What went wrong on the way, as this module's error; cancellation stays what it is.
    static func translate(_ error: any Error, key: String) -> any Error {
        guard let failure = error as? TransportFailure else { return error }
        return ObjectStoreError(
            failure.isRetriable ? .network : .configuration, "the connection to S3 failed: \(failure)", key: key)
    }

    private func retrying<Value>(_ key: String, _ attempt: () async throws -> Value) async throws -> Value {
        var attemptCount = 1
        while true {
            do {
                return try await attempt()
            } catch {
                let error = Self.translate(error, key: key)
                guard let error = error as? ObjectStoreError, error.isRetriable, attemptCount < limits.attemptsMax
                else { throw error }
                try await pause(beforeRetry: attemptCount, after: error)
                attemptCount += 1
            }
        }
    }

    private func openOnce(_ call: S3Call, timeoutMs: Int?) async throws -> (HTTPHead, HTTPExchange) {
        let exchange = try engine.open(signed(call, timeoutMs: timeoutMs))
        let head = try await exchange.head()
        guard (200..<300).contains(head.status) else {
            let body = try await readAll(exchange, key: call.key)
            throw S3Failure.error(head, body: body, key: call.key, isBucketCall: call.objectName == nil)
        }
        return (head, exchange)
    }

    private func readAll(_ exchange: HTTPExchange, key: String) async throws -> [UInt8] {
        var body: [UInt8] = []
        while let bytes = try await exchange.bytes() {
            body += bytes
            guard body.count <= Self.answerBytesMax else {
                throw ObjectStoreError(.corrupted, "S3's answer is longer than \(Self.answerBytesMax) bytes", key: key)
            }
        }
        return body
    }

    private func signed(_ call: S3Call, timeoutMs: Int?) -> HTTPRequest {
        let path = address.path(key: call.objectName)
        let query = SignatureV4.canonicalQuery(call.query)
        let stamp = CalendarTime.stamp(seconds: CalendarTime.nowSeconds())
        let payloadHash = call.body.map { SHA256Hasher.hex(of: $0) } ?? SignatureV4.emptyPayloadHash
        var headers = call.headers
        headers.append((name: "Host", value: address.host))
        headers.append((name: "x-amz-content-sha256", value: payloadHash))
        headers.append((name: "x-amz-date", value: stamp))
        if let token = signature.credentials.sessionToken {
            headers.append((name: "x-amz-security-token", value: token))
        }
        let authorization = signature.authorization(
            method: call.method.rawValue, path: path, query: query, headers: headers, payloadHash: payloadHash,
            stamp: stamp)
        headers.append((name: "Authorization", value: authorization))
        headers.append((name: "User-Agent", value: "freshet"))
        return HTTPRequest(
            method: call.method, url: address.url(path: path, query: query), headers: headers, body: call.body,
            timeoutMs: timeoutMs)
    }
}
