// A real browser, driven as its own developer tools drive it: messages of the Chrome DevTools Protocol over two pipes.
// https://chromedevtools.github.io/devtools-protocol/

import Fixtures
import FoundationEssentials
import Glibc
import NIOCore
import NIOPosix
import TestServers
import WebService

/// A headless Chromium.
actor Browser {
    /// What the browser said that it could not do.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private struct Message: Decodable {
        let id: Int?
        let method: String?
        let params: JSONValue?
        let result: JSONValue?
        let error: JSONValue?
    }

    private let process: ChildProcess
    private let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
    private var next = 0
    private var waiting: [Int: CheckedContinuation<JSONValue, any Error>] = [:]
    private var outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>?
    /// What pages wrote to the console as errors, and exceptions that nobody caught.
    private(set) var complaints: [String] = []

    private init(process: ChildProcess, channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>) {
        self.process = process
        self.channel = channel
    }

    /// Runs `body` with a browser whose files are in `folder`.
    static func run(in folder: TemporaryFolder, _ body: (Browser) async throws -> Void) async throws {
        let (input, output) = (folder.appending("browser.in"), folder.appending("browser.out"))
        var descriptors: [Int32] = []
        for path in [input, output] {
            guard mkfifo(path, 0o600) == 0 else { throw TestServerError("no pipe at \(path)") }
            // For reading and writing, so that nobody waits for the other side to open it.
            descriptors.append(Glibc.open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC))
        }
        let process = try ChildProcess.spawn(
            "sh",
            [
                "-c",
                """
                exec chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
                --disable-extensions --user-data-dir="$2" --remote-debugging-pipe about:blank 3<"$0" 4>"$1"
                """,
                input, output, folder.appending("browser"),
            ], environment: ["HOME": folder.path], logFile: folder.appending("browser.log"))
        let (read, write) = (descriptors[1], descriptors[0])
        let channel = try await NIOPipeBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .takingOwnershipOfDescriptors(input: read, output: write) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(NulFrames()))
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let browser = Browser(process: process, channel: channel)
        do {
            try await channel.executeThenClose { inbound, outbound in
                await browser.use(outbound)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { for try await frame in inbound { await browser.take(frame) } }
                    try await body(browser)
                    group.cancelAll()
                }
            }
        } catch {
            await process.kill()
            throw error
        }
        await process.kill()
    }

    private func use(_ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>) { self.outbound = outbound }

    private func take(_ frame: ByteBuffer) {
        guard let message = try? JSONDecoder().decode(Message.self, from: Data(frame.readableBytesView)) else { return }
        if let id = message.id, let continuation = waiting.removeValue(forKey: id) {
            if let error = message.error {
                continuation.resume(throwing: Failure(description: "\(error)"))
            } else {
                continuation.resume(returning: message.result ?? .null)
            }
        }
        switch message.method {
        case "Runtime.exceptionThrown": complaints.append("\(message.params ?? .null)")
        case "Runtime.consoleAPICalled" where message.params?["type"] == .string("error"),
            "Log.entryAdded" where message.params?["entry"]?["level"] == .string("error"):
            complaints.append("\(message.params ?? .null)")
        default: break
        }
    }

    /// Sends a command; what it answers.
    /// - Parameter parameters: a JSON object.
    @discardableResult
    func call(_ method: String, _ parameters: String = "{}", session: String? = nil) async throws -> JSONValue {
        next += 1
        let id = next
        let to = session.map { #","sessionId":"\#($0)""# } ?? ""
        let text = #"{"id":\#(id),"method":"\#(method)","params":\#(parameters)\#(to)}"#
        guard let outbound else { throw Failure(description: "the browser is not there") }
        var frame = ByteBuffer(string: text)
        frame.writeInteger(UInt8(0))
        let sending = frame
        return try await withCheckedThrowingContinuation { continuation in
            waiting[id] = continuation
            Task {
                do { try await outbound.write(sending) } catch { give(up: id, error) }
            }
        }
    }

    private func give(up id: Int, _ error: any Error) { waiting.removeValue(forKey: id)?.resume(throwing: error) }

    /// Opens a page and waits until it is loaded.
    func open(_ url: String, width: Int = 1280, height: Int = 900, isDark: Bool = false) async throws -> BrowserPage {
        let target = try await call("Target.createTarget", #"{"url":"about:blank"}"#)
        let identity = target["targetId"]?.scalarText ?? ""
        let attached = try await call("Target.attachToTarget", #"{"targetId":"\#(identity)","flatten":true}"#)
        let page = BrowserPage(browser: self, session: attached["sessionId"]?.scalarText ?? "")
        for domain in ["Runtime", "Log", "Page"] { try await page.call("\(domain).enable") }
        try await page.call(
            "Emulation.setDeviceMetricsOverride",
            #"{"width":\#(width),"height":\#(height),"deviceScaleFactor":1,"mobile":\#(width < 600)}"#)
        let scheme = isDark ? "dark" : "light"
        try await page.call(
            "Emulation.setEmulatedMedia", #"{"features":[{"name":"prefers-color-scheme","value":"\#(scheme)"}]}"#)
        try await page.call("Page.navigate", #"{"url":"\#(url)"}"#)
        try await page.waits(for: "document.readyState === 'complete'")
        return page
    }
}

/// A page in a browser.
struct BrowserPage: Sendable {
    let browser: Browser
    let session: String

    @discardableResult
    func call(_ method: String, _ parameters: String = "{}") async throws -> JSONValue {
        try await browser.call(method, parameters, session: session)
    }

    /// What an expression of JavaScript comes to, as text.
    func evaluate(_ expression: String) async throws -> String {
        let quoted = String(decoding: try JSONEncoder().encode("String(\(expression))"), as: UTF8.self)
        let answer = try await call(
            "Runtime.evaluate", #"{"expression":\#(quoted),"awaitPromise":true,"returnByValue":true}"#)
        if let exception = answer["exceptionDetails"] { throw Browser.Failure(description: "\(exception)") }
        return answer["result"]?["value"]?.scalarText ?? ""
    }

    /// Waits until an expression is true.
    func waits(for expression: String, seconds: Int = 30) async throws {
        try await eventually(expression, seconds: seconds) { try await evaluate(expression) == "true" }
    }

    /// Clicks on the middle of the first element that a selector finds, with the mouse.
    func click(_ selector: String) async throws {
        let quoted = String(decoding: try JSONEncoder().encode(selector), as: UTF8.self)
        let place = try await evaluate(
            """
            (() => { const found = document.querySelector(\(quoted)); found.scrollIntoView({block: "center"});
            const box = found.getBoundingClientRect(); return (box.x + box.width / 2) + "," + (box.y + box.height / 2); })()
            """
        ).split(separator: ",").map(String.init)
        guard place.count == 2 else { throw Browser.Failure(description: "nothing at \(selector)") }
        for type in ["mousePressed", "mouseReleased"] {
            try await call(
                "Input.dispatchMouseEvent",
                #"{"type":"\#(type)","x":\#(place[0]),"y":\#(place[1]),"button":"left","clickCount":1}"#)
        }
    }

    /// Presses and releases a key, such as `Enter` or `ArrowDown`.
    func press(_ key: String, code: Int) async throws {
        let text = key == "Enter" ? #","text":"\r""# : ""
        for type in ["keyDown", "keyUp"] {
            try await call(
                "Input.dispatchKeyEvent",
                #"{"type":"\#(type)","key":"\#(key)","code":"\#(key)","windowsVirtualKeyCode":\#(code)\#(type == "keyDown" ? text : "")}"#
            )
        }
    }

    /// Types a text into what has the focus.
    func type(_ text: String) async throws {
        let quoted = String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
        try await call("Input.insertText", #"{"text":\#(quoted)}"#)
    }

    /// Writes a picture of the page.
    func screenshot(to path: String) async throws {
        let answer = try await call("Page.captureScreenshot", #"{"format":"png"}"#)
        guard let data = Data(base64Encoded: answer["data"]?.scalarText ?? "") else {
            throw Browser.Failure(description: "there is no picture")
        }
        try data.write(to: URL(filePath: path))
    }
}

extension JSONValue {
    /// A member of an object; nil if this is none, or has no such member.
    fileprivate subscript(_ name: String) -> JSONValue? {
        if case .object(let members) = self { members[name] } else { nil }
    }
}

/// Messages end with a zero byte.
private struct NulFrames: ByteToMessageDecoder {
    typealias InboundOut = ByteBuffer

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) -> DecodingState {
        guard let end = buffer.readableBytesView.firstIndex(of: 0),
            let frame = buffer.readSlice(length: end - buffer.readerIndex)
        else { return .needMoreData }
        buffer.moveReaderIndex(forwardBy: 1)
        context.fireChannelRead(Self.wrapInboundOut(frame))
        return .continue
    }
}
