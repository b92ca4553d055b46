// The object store's one thread: it runs every transfer in a single curl_multi loop. Tasks talk to it by a
// short list of commands and a wake-up, so no task and no thread of the cooperative pool ever waits in curl.

import CCurl
import Glibc
import Synchronization

/// What the engine needs to know about the server side.
struct CurlOptions: Sendable {
    var connectTimeoutMs: Int
    var stallTimeoutMs: Int
    var connectionsMax: Int
    var authorityFile: String?
}

/// Starts, cancels and resumes transfers on a thread of its own.
final class CurlEngine: Sendable {
    enum Command: Sendable {
        case start(id: UInt64, HTTPRequest, TransferInbox)
        case cancel(id: UInt64)
        case resume(id: UInt64)
    }

    /// A curl_multi handle; curl allows exactly one call on it from other threads, the wake-up.
    struct Multi: @unchecked Sendable {
        let handle: UnsafeMutableRawPointer
    }

    private struct State {
        var commands: [Command] = []
        var isClosing = false
        /// The thread has left its loop, and nobody may touch the multi handle any more.
        var hasEnded = false
        var lastID: UInt64 = 0
        var closeWaiters: [CheckedContinuation<Void, Never>] = []
    }

    /// curl wants this once per process, before any thread uses it.
    private static let isCurlReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    private let state = Mutex(State())
    let multi: Multi
    let options: CurlOptions

    init(options: CurlOptions) throws(ObjectStoreError) {
        self.options = options
        guard Self.isCurlReady, let handle = curl_multi_init() else {
            throw ObjectStoreError(.configuration, "libcurl cannot be initialised")
        }
        multi = Multi(handle: handle)
        try startThread()
    }

    /// Starts a request.
    ///
    /// - Throws: `.closed` when the engine was closed.
    func open(_ request: HTTPRequest) throws(ObjectStoreError) -> HTTPExchange {
        let inbox = TransferInbox()
        let id: UInt64? = state.withLock { state in
            guard !state.isClosing else { return nil }
            state.lastID += 1
            send(.start(id: state.lastID, request, inbox), &state)
            return state.lastID
        }
        guard let id else { throw ObjectStoreError(.closed, "the store is closed") }
        return HTTPExchange(transferID: id, inbox: inbox, engine: self)
    }

    func cancel(_ id: UInt64) {
        state.withLock { send(.cancel(id: id), &$0) }
    }

    func resume(_ id: UInt64) {
        state.withLock { send(.resume(id: id), &$0) }
    }

    /// Asks the thread to fail its transfers and to end; does not wait.
    func requestClose() {
        state.withLock { state in
            state.isClosing = true
            if !state.hasEnded { curl_multi_wakeup(multi.handle) }
        }
    }

    /// Returns when the thread has ended.
    func close() async {
        requestClose()
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.closeWaiters.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    /// For the thread: the commands since the last call, nil when it has to end.
    func takeCommands() -> [Command]? {
        state.withLock { state in
            guard !state.isClosing else { return nil }
            let commands = state.commands
            state.commands = []
            return commands
        }
    }

    /// For the thread, as its last act: nobody wakes the handle any more, so it may be freed.
    func retireMulti() {
        let (unheard, waiters) = state.withLock { state in
            state.hasEnded = true
            defer {
                state.commands = []
                state.closeWaiters = []
            }
            return (state.commands, state.closeWaiters)
        }
        for case .start(_, _, let inbox) in unheard {
            inbox.finish(throwing: ObjectStoreError(.closed, "the store was closed"))
        }
        for waiter in waiters { waiter.resume() }
    }

    private func send(_ command: Command, _ state: inout State) {
        guard !state.hasEnded else { return }
        // A list that is not empty has woken the thread already.
        if state.commands.isEmpty { curl_multi_wakeup(multi.handle) }
        state.commands.append(command)
    }

    /// The thread keeps the engine alive, so the engine ends only by `close` or `requestClose`.
    private func startThread() throws(ObjectStoreError) {
        let engine = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                // The process's signals are for other threads, and a cut TLS connection's SIGPIPE is for nobody.
                var signals = sigset_t()
                sigfillset(&signals)
                pthread_sigmask(SIG_BLOCK, &signals, nil)
                CurlLoop(engine: Unmanaged<CurlEngine>.fromOpaque(context).takeRetainedValue()).run()
                return nil
            }, engine.toOpaque())
        guard result == 0 else {
            engine.release()
            curl_multi_cleanup(multi.handle)
            throw ObjectStoreError(
                .configuration, "cannot start a thread for transfers: \(String(cString: strerror(result)))")
        }
        pthread_detach(thread)
    }
}
