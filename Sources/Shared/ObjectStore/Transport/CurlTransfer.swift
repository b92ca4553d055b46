// One transfer on the curl thread: the options of its easy handle and the callbacks by which curl hands bytes
// over. The loop's table keeps the transfer alive for as long as curl holds the pointer to it.

import CCurl
import Glibc

/// A request while libcurl works on it.
final class CurlTransfer {
    /// How much curl reads at once.
    private static let bufferBytes = 256 * 1024
    private static let headerCountMax = 128

    let id: UInt64
    let handle: UnsafeMutableRawPointer
    let inbox: TransferInbox
    private let request: HTTPRequest
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private var sentCount = 0
    private var status = 0
    private var isHeadDelivered = false
    private var headers: [String: String] = [:]
    private(set) var lastActivity = ContinuousClock.now
    private(set) var isPaused = false

    init(id: UInt64, handle: UnsafeMutableRawPointer, request: HTTPRequest, inbox: TransferInbox) {
        self.id = id
        self.handle = handle
        self.request = request
        self.inbox = inbox
    }

    /// Sets every option that differs from curl's defaults.
    func prepare(_ options: CurlOptions) {
        _ = freshet_curl_set_text(handle, CURLOPT_URL, request.url)
        // Keys may look like relative paths; the server must see what was signed.
        _ = freshet_curl_set_long(handle, CURLOPT_PATH_AS_IS, 1)
        _ = freshet_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https")
        _ = freshet_curl_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        _ = freshet_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        _ = freshet_curl_set_long(handle, CURLOPT_TCP_KEEPALIVE, 1)
        _ = freshet_curl_set_long(handle, CURLOPT_BUFFERSIZE, Self.bufferBytes)
        _ = freshet_curl_set_long(handle, CURLOPT_UPLOAD_BUFFERSIZE, Self.bufferBytes)
        _ = freshet_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, options.connectTimeoutMs)
        _ = freshet_curl_set_long(handle, CURLOPT_TIMEOUT_MS, request.timeoutMs ?? 0)
        if let file = options.authorityFile { _ = freshet_curl_set_text(handle, CURLOPT_CAINFO, file) }
        prepareMethod()
        prepareHeaders()
        prepareCallbacks()
    }

    /// Gives the header list back; the handle no longer needs it.
    func release() {
        curl_slist_free_all(headerList)
        headerList = nil
    }

    /// Continues after the inbox was full.
    func resume() {
        guard isPaused else { return }
        isPaused = false
        lastActivity = .now
        // Bytes that curl kept are delivered from within this call.
        _ = curl_easy_pause(handle, CURLPAUSE_CONT)
    }

    func failure(_ code: CURLcode) -> TransportFailure {
        let isPermanent = [
            CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_PEER_FAILED_VERIFICATION,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_SSL_ENGINE_NOTFOUND, CURLE_OUT_OF_MEMORY,
        ].contains(code)
        return TransportFailure(description: String(cString: curl_easy_strerror(code)), isRetriable: !isPermanent)
    }

    private func prepareMethod() {
        switch request.method {
        case .get:
            return
        case .head:
            _ = freshet_curl_set_long(handle, CURLOPT_NOBODY, 1)
        case .delete where request.body == nil:
            _ = freshet_curl_set_text(handle, CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        case .put, .post, .delete:
            // POST goes as an upload too: curl's own POST would add a content type that nobody signed.
            _ = freshet_curl_set_long(handle, CURLOPT_UPLOAD, 1)
            _ = freshet_curl_set_text(handle, CURLOPT_CUSTOMREQUEST, request.method.rawValue)
            _ = freshet_curl_set_size(handle, CURLOPT_INFILESIZE_LARGE, Int64(request.body?.count ?? 0))
        }
    }

    private func prepareHeaders() {
        // An empty Expect keeps curl from waiting for a "100 Continue" that many servers never send.
        headerList = curl_slist_append(nil, "Expect:")
        for header in request.headers {
            headerList = curl_slist_append(headerList, "\(header.name): \(header.value)") ?? headerList
        }
        _ = freshet_curl_set_pointer(handle, CURLOPT_HTTPHEADER, headerList)
    }

    private func prepareCallbacks() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        for option in [CURLOPT_PRIVATE, CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_READDATA, CURLOPT_SEEKDATA] {
            _ = freshet_curl_set_pointer(handle, option, context)
        }
        _ = freshet_curl_set_callback(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            CurlTransfer.of(context)?.takeHeader(bytes, size * count) ?? 0
        }
        _ = freshet_curl_set_callback(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            CurlTransfer.of(context)?.takeBody(bytes, size * count) ?? 0
        }
        _ = freshet_curl_set_callback(handle, CURLOPT_READFUNCTION) { bytes, size, count, context in
            CurlTransfer.of(context)?.giveBody(bytes, size * count) ?? 0
        }
        _ = freshet_curl_set_seek(handle) { context, offset, origin in
            CurlTransfer.of(context)?.seek(to: Int(offset), origin: origin) ?? CURL_SEEKFUNC_FAIL
        }
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> CurlTransfer? {
        context.map { Unmanaged<CurlTransfer>.fromOpaque($0).takeUnretainedValue() }
    }

    private func takeHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        lastActivity = .now
        let line = String(
            decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self
        ).trimmingLineEnd()
        if line.hasPrefix("HTTP/") {
            headers = [:]
            let fields = line.split(separator: " ")
            status = fields.count > 1 ? Int(fields[1]) ?? 0 : 0
        } else if line.isEmpty {
            // 1xx answers precede the real one, and trailers may end in an empty line too.
            if status >= 200, !isHeadDelivered { inbox.deliver(head: HTTPHead(status: status, headers: headers)) }
            isHeadDelivered = status >= 200
        } else if let colon = line.firstIndex(of: ":"), headers.count < Self.headerCountMax {
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingBlanks()
        }
        return count
    }

    private func takeBody(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        lastActivity = .now
        let isTaken = UnsafeRawBufferPointer(start: bytes, count: count).withMemoryRebound(to: UInt8.self) {
            inbox.deliver($0)
        }
        isPaused = !isTaken
        return isTaken ? count : freshet_curl_pause_value()
    }

    private func giveBody(_ bytes: UnsafeMutablePointer<CChar>?, _ room: Int) -> Int {
        lastActivity = .now
        guard let body = request.body, let bytes else { return 0 }
        let count = min(room, body.count - sentCount)
        body.withUnsafeBytes { buffer in
            guard count > 0, let base = buffer.baseAddress else { return }
            memcpy(bytes, base + sentCount, count)
        }
        sentCount += count
        return count
    }

    /// curl starts an upload anew when a reused connection turns out to be dead.
    private func seek(to offset: Int, origin: Int32) -> Int32 {
        guard origin == SEEK_SET, offset >= 0, offset <= request.body?.count ?? 0 else { return CURL_SEEKFUNC_FAIL }
        sentCount = offset
        return CURL_SEEKFUNC_OK
    }
}

extension Substring {
    /// Without the spaces and tabs that may surround a header's value.
    fileprivate func trimmingBlanks() -> String {
        var text = drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}

extension String {
    /// Without the CR and LF that end a header line.
    fileprivate func trimmingLineEnd() -> Substring {
        // In Swift CR LF is one character.
        self[...].last?.isNewline == true ? dropLast() : self[...]
    }
}
