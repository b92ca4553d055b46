// The libraries a client stands for. After a restart of the server many calls miss them at once; one loads, the others
// wait for it, each no longer than its own deadline.

import NIOCore
import Synchronization

final class FunctionLoader: Sendable {
    enum Outcome: Sendable {
        /// The libraries are there; repeat the call.
        case loaded
        /// The caller who loaded gave up; repeat the call and see.
        case unknown
        case failed(RedisError)
    }

    /// FUNCTION LOAD REPLACE of every library; nil when there is none.
    let pipeline: EncodedPipeline?
    private let isLoading = Mutex(false)
    private let room: WaitingRoom<Outcome>

    init(libraries: [RedisFunctionLibrary], waiterCountMax: Int, eventLoopGroup: any EventLoopGroup) {
        var builder = EncodedPipeline.Builder(commandCount: libraries.count)
        for library in libraries { builder.append(FUNCTIONLOAD(library)) }
        pipeline = libraries.isEmpty ? nil : builder.finish()
        room = WaitingRoom(countMax: waiterCountMax, eventLoopGroup: eventLoopGroup)
    }

    /// Runs `load` unless another caller is running it already; answers with its outcome either way.
    func shareLoad(until deadline: NIODeadline, _ load: () async -> RedisError?) async -> Outcome {
        let isLoader = isLoading.withLock { isLoading in
            defer { isLoading = true }
            return !isLoading
        }
        guard isLoader else {
            switch await room.wait(until: deadline, unless: { isLoading.withLock { $0 ? nil : .unknown } }) {
            case .released(let outcome): return outcome
            case .late: return .failed(RedisError(.deadlineExceeded, "the function library was not loaded in time"))
            case .cancelled: return .failed(RedisError(.cancelled, "the task was cancelled"))
            case .full: return .failed(RedisError(.overloaded, "too many callers wait for the function library"))
            }
        }
        let problem = await load()
        isLoading.withLock { $0 = false }
        // What ended this caller's patience need not end the others'.
        let endedByCaller = problem.map { $0.code == .cancelled || $0.code == .deadlineExceeded } ?? false
        let outcome = problem.map { Outcome.failed($0) } ?? .loaded
        room.release(endedByCaller ? .unknown : outcome)
        return outcome
    }
}
