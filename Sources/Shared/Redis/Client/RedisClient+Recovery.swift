// What the client mends by itself: calls lost with their connection that are safe to repeat, and calls of functions
// that the server has forgotten. Bounded by the call's deadline and by the number of attempts.

import NIOCore
import Synchronization

extension RedisReply {
    /// True for a reply that may be got right by trying again. On the path of every reply.
    var wantsRecovery: Bool {
        switch self {
        case .success(.error(let message)):
            RedisError.code(ofServerMessage: message) == .functionNotFound
        case .failure(let error): error.code == .connectionLost && error.isRetriable
        default: false
        }
    }
}

extension RedisClient {
    /// Repeats the calls of the pipeline that want it, until none does, the attempts are used up or time is.
    func recover(
        _ firstReplies: [RedisReply], of pipeline: EncodedPipeline, deadline: NIODeadline
    ) async -> [RedisReply] {
        var replies = firstReplies
        var hasLoadedFunctions = false
        for _ in 1..<max(1, configuration.attemptCountMax) {
            let wanted = replies.indices.filter { replies[$0].wantsRecovery }
            let missing = wanted.filter { !replies[$0].isLost }
            // A command that must not be repeated keeps those behind it from being repeated out of turn.
            let isLossRepeatable = replies.count { $0.isLost } == wanted.count - missing.count
            guard !wanted.isEmpty, isLossRepeatable, deadline > .now() else { break }
            if !missing.isEmpty {
                // A function that is not in the libraries either stays missing.
                if hasLoadedFunctions { break }
                switch await loadMissingFunctions(deadline: deadline) {
                case .loaded: hasLoadedFunctions = true
                case .unknown: break
                case .failed(let problem):
                    for index in missing { replies[index] = .failure(problem) }
                    return replies
                }
            }
            if missing.count < wanted.count { state.withLock { $0.counters.retryCount &+= 1 } }
            let again = await attempt(pipeline.picking(wanted), deadline: deadline)
            for (index, reply) in zip(wanted, again) { replies[index] = reply }
        }
        return replies
    }

    private func loadMissingFunctions(deadline: NIODeadline) async -> FunctionLoader.Outcome {
        guard let load = functions.pipeline else {
            return .failed(
                RedisError(.functionNotFound, "the function is unknown to the server and the client has no library"))
        }
        return await functions.shareLoad(until: deadline) {
            state.withLock { $0.counters.functionLoadCount &+= 1 }
            return await attempt(load, deadline: deadline).lazy.compactMap(\.problem).first
        }
    }

    /// Loads the client's libraries, replacing what the server has under their names: for the start of a process whose
    /// libraries may be newer than the server's.
    package func loadFunctions(deadlineMs: Int? = nil) async throws(RedisError) {
        guard let load = functions.pipeline else { return }
        for reply in await execute(load, deadlineMs: deadlineMs) {
            if let problem = reply.problem { throw problem }
        }
    }
}

extension RedisReply {
    fileprivate var isLost: Bool {
        if case .failure(let error) = self { error.code == .connectionLost } else { false }
    }

    /// The error of a FUNCTION LOAD.
    fileprivate var problem: RedisError? {
        switch self {
        case .success(.error(let message)):
            RedisError(serverMessage: message, commandName: "FUNCTION LOAD", isIdempotent: true)
        case .success: nil
        case .failure(let error): error
        }
    }
}
