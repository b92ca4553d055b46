// The body of the curl thread. Everything here, the easy handles above all, is touched by that thread only.

import CCurl

/// Runs transfers until the engine closes.
final class CurlLoop {
    /// Idle handles kept for the next transfers; connections live in the multi handle, not in them.
    private static let idleHandleCountMax = 16
    /// The longest sleep; stalls are noticed with this delay at most.
    private static let pollMsMax: Int32 = 1_000

    private let engine: CurlEngine
    private let multi: UnsafeMutableRawPointer
    private var transfers: [UInt64: CurlTransfer] = [:]
    private var idleHandles: [UnsafeMutableRawPointer] = []

    init(engine: CurlEngine) {
        self.engine = engine
        multi = engine.multi.handle
        let connectionsMax = engine.options.connectionsMax
        _ = freshet_curl_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connectionsMax)
        _ = freshet_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, connectionsMax)
    }

    /// Returns when the engine asked to close; every transfer has been ended then.
    func run() {
        while let commands = engine.takeCommands() {
            for command in commands { apply(command) }
            var runningCount: Int32 = 0
            let result = curl_multi_perform(multi, &runningCount)
            reapFinished()
            failStalled()
            if result != CURLM_OK { endAll(Self.failure(result)) }
            _ = curl_multi_poll(multi, nil, 0, pollMs(), nil)
        }
        endAll(ObjectStoreError(.closed, "the store was closed"))
        engine.retireMulti()
        for handle in idleHandles { curl_easy_cleanup(handle) }
        curl_multi_cleanup(multi)
    }

    private func apply(_ command: CurlEngine.Command) {
        switch command {
        case .start(let id, let request, let inbox):
            guard !inbox.isComplete else { return }
            start(id, request, inbox)
        case .cancel(let id):
            if let transfer = transfers[id] { end(transfer, CancellationError()) }
        case .resume(let id):
            transfers[id]?.resume()
        }
    }

    private func start(_ id: UInt64, _ request: HTTPRequest, _ inbox: TransferInbox) {
        guard let handle = idleHandles.popLast() ?? curl_easy_init() else {
            inbox.finish(throwing: TransportFailure(description: "no memory for a transfer", isRetriable: true))
            return
        }
        let transfer = CurlTransfer(id: id, handle: handle, request: request, inbox: inbox)
        transfer.prepare(engine.options)
        transfers[id] = transfer
        let result = curl_multi_add_handle(multi, handle)
        if result != CURLM_OK {
            end(transfer, Self.failure(result))
        }
    }

    private func reapFinished() {
        var result = CURLE_OK
        while let handle = freshet_curl_multi_finished(multi, &result) {
            var context: UnsafeMutableRawPointer?
            _ = freshet_curl_get_pointer(handle, CURLINFO_PRIVATE, &context)
            guard let context else { continue }
            let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
            end(transfer, result == CURLE_OK ? nil : transfer.failure(result))
        }
    }

    private func failStalled() {
        let now = ContinuousClock.now
        for transfer in Array(transfers.values) where !transfer.isPaused {
            guard now - transfer.lastActivity >= .milliseconds(engine.options.stallTimeoutMs) else { continue }
            end(
                transfer,
                TransportFailure(
                    description: "no byte moved for \(engine.options.stallTimeoutMs) ms", isRetriable: true))
        }
    }

    /// Half the stall timeout at most, so that a short one is also noticed in time.
    private func pollMs() -> Int32 {
        guard !transfers.isEmpty else { return Self.pollMsMax }
        return max(10, min(Self.pollMsMax, Int32(clamping: engine.options.stallTimeoutMs / 2)))
    }

    private static func failure(_ code: CURLMcode) -> TransportFailure {
        TransportFailure(description: String(cString: curl_multi_strerror(code)), isRetriable: true)
    }

    private func endAll(_ error: any Error) {
        for transfer in Array(transfers.values) { end(transfer, error) }
    }

    /// Takes a transfer out of the loop and tells its reader; the handle is kept for the next one.
    private func end(_ transfer: CurlTransfer, _ error: (any Error)?) {
        transfers[transfer.id] = nil
        curl_multi_remove_handle(multi, transfer.handle)
        transfer.release()
        if idleHandles.count < Self.idleHandleCountMax {
            curl_easy_reset(transfer.handle)
            idleHandles.append(transfer.handle)
        } else {
            curl_easy_cleanup(transfer.handle)
        }
        transfer.inbox.finish(throwing: error)
    }
}
