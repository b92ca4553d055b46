// The libraries a client stands for. After a restart of the server many calls miss them at once; one loads, the others
// wait for it.

import Synchronization

final class FunctionLoader: Sendable {
    private struct State {
        var isLoading = false
        var waiters: [CheckedContinuation<RedisError?, Never>] = []
    }

    /// FUNCTION LOAD REPLACE of every library; nil when there is none.
    let pipeline: EncodedPipeline?
    private let state = Mutex(State())

    init(libraries: [RedisFunctionLibrary]) {
        var builder = EncodedPipeline.Builder(commandCount: libraries.count)
        for library in libraries { builder.append(FUNCTIONLOAD(library)) }
        pipeline = libraries.isEmpty ? nil : builder.finish()
    }

    /// Runs `load` unless someone is running it already; answers with its outcome either way.
    func shareLoad(_ load: () async -> RedisError?) async -> RedisError? {
        let isLoader = state.withLock { state in
            defer { state.isLoading = true }
            return !state.isLoading
        }
        if isLoader {
            let problem = await load()
            let waiters = state.withLock { state in
                defer { state = State() }
                return state.waiters
            }
            for waiter in waiters { waiter.resume(returning: problem) }
            return problem
        }
        return await withCheckedContinuation { waiter in
            let isOver = state.withLock { state in
                if state.isLoading { state.waiters.append(waiter) }
                return !state.isLoading
            }
            if isOver { waiter.resume(returning: nil) }
        }
    }
}
