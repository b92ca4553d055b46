// One request to MLflow and what its answer means. The parts of MLflow's interface that we use are in the extensions.

import FoundationEssentials
import ObjectStore
import Settings

/// An answer of which nothing is wanted.
struct MLflowNothing: Decodable {}

/// Asks an MLflow tracking server, over REST.
struct MLflowClient: Sendable {
    /// How often a request is sent that may be repeated, and the range of the first pause, in milliseconds.
    private static let attemptsMax = 3
    private static let backoffMs = 200
    /// Bound for a file of a model, in milliseconds; as long as bytes move.
    private static let uploadTimeoutMs = 600_000
    /// Characters of an answer that are told.
    private static let excerptMax = 300

    let base: String
    private let authorization: AuthorizationHeader?
    private let http: PlainHTTPClient

    /// - Throws: ``MLflowFailure`` if there is no address, or libcurl cannot be initialised.
    init(_ settings: MLflowSettings, limits: PlainHTTPLimits = PlainHTTPLimits()) throws(MLflowFailure) {
        guard let base = settings.trackingURI else {
            throw MLflowFailure(.misconfigured, "MLFLOW_TRACKING_URI is not set")
        }
        self.base = base
        authorization = settings.authorization
        do { http = try PlainHTTPClient(limits: limits, authorityFile: settings.authorityFile) } catch {
            throw MLflowFailure(.misconfigured, error.description)
        }
    }

    /// Whether a server is there that takes our word; its version if it tells.
    /// - Throws: ``MLflowFailure``, `CancellationError`.
    func check() async throws -> String? {
        // This one asks for credentials where there are any; the version does not.
        let _: MLflowNothing = try await get("experiments/search", [("max_results", "1")])
        let answer = try? await http.send(.get, "\(base)/version", headers: headers(), timeoutMs: nil)
        guard let answer, answer.status == 200, answer.body.count <= 40 else { return nil }
        return String(decoding: answer.body, as: UTF8.self)
    }

    func get<Answer: Decodable>(_ path: String, _ query: [(name: String, value: String)]) async throws -> Answer {
        let text = query.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
        return try await ask(.get, "\(path)?\(text.joined(separator: "&"))", nil, isRepeatable: true)
    }

    func post<Answer: Decodable>(
        _ path: String, _ body: some Encodable, isRepeatable: Bool = true
    ) async throws -> Answer {
        try await ask(.post, path, try JSONEncoder().encode(body), isRepeatable: isRepeatable)
    }

    func delete(_ path: String, _ body: some Encodable) async throws {
        let _: MLflowNothing = try await ask(.delete, path, try JSONEncoder().encode(body), isRepeatable: true)
    }

    /// Puts a file among a run's artifacts; `path` is below the server's artifacts.
    func upload(_ bytes: [UInt8], to path: String) async throws {
        let url = "\(base)/api/2.0/mlflow-artifacts/artifacts/\(PercentEncoding.encodePath(path))"
        _ = try await attempt(isRepeatable: true) {
            try await send(.put, url, "application/octet-stream", bytes, timeoutMs: Self.uploadTimeoutMs)
        }
    }

    private func ask<Answer: Decodable>(
        _ method: PlainHTTPClient.Method, _ path: String, _ body: Data?, isRepeatable: Bool
    ) async throws -> Answer {
        try await attempt(isRepeatable: isRepeatable) {
            let answer = try await send(
                method, "\(base)/api/2.0/mlflow/\(path)", "application/json", body.map { Array($0) }, timeoutMs: nil)
            do { return try JSONDecoder().decode(Answer.self, from: Data(answer)) } catch {
                throw MLflowFailure(
                    .away,
                    "\(base) answered \(path.prefix { $0 != "?" }) with what no MLflow answers: "
                        + Self.excerpt(answer))
            }
        }
    }

    private func attempt<Value>(isRepeatable: Bool, _ body: () async throws -> Value) async throws -> Value {
        var attempts = 1
        while true {
            do { return try await body() } catch let failure as MLflowFailure
                where failure.kind == .away && isRepeatable && attempts < Self.attemptsMax
            {
                try await Task.sleep(for: .milliseconds(Int.random(in: 1...(Self.backoffMs << attempts))))
                attempts += 1
            }
        }
    }

    private func headers(_ type: String = "application/json") -> [(name: String, value: String)] {
        var headers = [(name: "Content-Type", value: type), (name: "User-Agent", value: "freshet")]
        if let authorization { headers.append((name: "Authorization", value: authorization.value)) }
        return headers
    }

    private func send(
        _ method: PlainHTTPClient.Method, _ url: String, _ type: String, _ body: [UInt8]?, timeoutMs: Int?
    ) async throws -> [UInt8] {
        let answer: PlainHTTPAnswer
        do {
            answer = try await http.send(method, url, headers: headers(type), body: body, timeoutMs: timeoutMs)
        } catch let failure as PlainHTTPFailure {
            throw MLflowFailure(failure.isRetriable ? .away : .misconfigured, "no answer from \(base): \(failure)")
        }
        guard (200..<300).contains(answer.status) else { throw failure(answer) }
        return answer.body
    }

    /// What a status other than 2xx means.
    private func failure(_ answer: PlainHTTPAnswer) -> MLflowFailure {
        struct Word: Decodable {
            let error_code: String
            let message: String?
        }
        let word = try? JSONDecoder().decode(Word.self, from: Data(answer.body))
        let said = word.map { "\($0.error_code): \(($0.message ?? "").prefix(Self.excerptMax))" }
        let text = "HTTP \(answer.status) from \(base): \(said ?? Self.excerpt(answer.body))"
        switch answer.status {
        case 300..<400:
            let target = answer.headers["location"].map { String($0.prefix(200)) } ?? "nowhere"
            return MLflowFailure(
                .misconfigured, "\(base) redirects to \(target); set MLFLOW_TRACKING_URI to the server's own address")
        case 401, 403:
            return MLflowFailure(
                .misconfigured, "\(text); check MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and _PASSWORD")
        case 408, 429, 500...:
            return MLflowFailure(.away, text)
        case 404, 405:
            guard let word else {
                return MLflowFailure(
                    .misconfigured, "\(text); is MLFLOW_TRACKING_URI the address of an MLflow tracking server?")
            }
            return MLflowFailure(.refused, text, code: word.error_code)
        default:
            return MLflowFailure(.refused, text, code: word?.error_code)
        }
    }

    private static func excerpt(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.prefix(excerptMax), as: UTF8.self)
        let plain = text.map { $0.isNewline || $0.unicodeScalars.contains { $0.value < 32 } ? " " : $0 }
        return plain.isEmpty ? "nothing" : "\"\(String(plain))\""
    }
}
