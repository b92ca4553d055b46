// Settings of the gateway.

/// What the console at `/` may do.
package enum ConsoleMode: String, Sendable, CaseIterable {
    /// There is no console.
    case off
    /// It shows users, lists and figures to whoever reaches the port.
    case view
    /// It sends events, too.
    case on
}

/// How the gateway blends and answers.
package struct GatewaySettings: Sendable {
    /// `GATEWAY_HOST`, `GATEWAY_PORT` (8090).
    package let http: HTTPSettings
    /// `ONLINE_LAST`: how many of the latest items count, 1...100 (3); a request's `n_last` overrides it.
    package let onlineLast: Int
    /// `ONLINE_HALF_LIFE_HOURS`: after how long a touch counts half, measured from the newest; 0 switches it off (24).
    package let halfLifeMs: Double?
    /// `EXCLUDE_TOUCHED`: never return what the user just touched (on).
    package let excludesTouched: Bool
    /// `BLEND`: the blend of requests that name none (interleave).
    package let blendName: String
    /// `ONLINE_DEADLINE_MS`: how long Redis may take before the answer degrades, 5...10000 (100).
    package let deadlineMs: Int
    /// `ADMIN_TOKEN`: bearer token of the admin routes; without one they are closed.
    package let adminToken: String?
    /// `TEST_MODE` (off), `TEST_LOG` (logs/test_service.log): where every answer is written down with what it was made
    /// from; nil for nowhere.
    package let journalPath: String?
    /// `CONSOLE`: off, view, or on (off; `freshet up`: on).
    package let console: ConsoleMode
    /// Whose lists are remembered.
    package let quality: LiveQualitySettings

    package init(
        http: HTTPSettings = HTTPSettings(port: 8090), onlineLast: Int = 3, halfLifeMs: Double? = 24 * 3_600_000,
        excludesTouched: Bool = true, blendName: String = "interleave", deadlineMs: Int = 100,
        adminToken: String? = nil,
        journalPath: String? = nil, console: ConsoleMode = .off,
        quality: LiveQualitySettings = LiveQualitySettings()
    ) {
        self.http = http
        self.onlineLast = onlineLast
        self.halfLifeMs = halfLifeMs
        self.excludesTouched = excludesTouched
        self.blendName = blendName
        self.deadlineMs = deadlineMs
        self.adminToken = adminToken
        self.journalPath = journalPath
        self.console = console
        self.quality = quality
    }

    /// - Parameters:
    ///   - isTraced: test mode whatever `TEST_MODE` says.
    ///   - consoleDefault: what the console may do if `CONSOLE` does not say.
    package init(
        _ reader: SettingsReader, isTraced: Bool = false, consoleDefault: ConsoleMode = .off
    ) throws(SettingsError) {
        let isInTestMode = try reader.flag("TEST_MODE", default: false)
        let halfLifeHours = try reader.number("ONLINE_HALF_LIFE_HOURS", default: 24, in: 0...87_600)
        self.init(
            http: try HTTPSettings(reader, role: "GATEWAY", defaultPort: 8090),
            onlineLast: try reader.integer("ONLINE_LAST", default: 3, in: 1...100),
            halfLifeMs: halfLifeHours > 0 ? halfLifeHours * 3_600_000 : nil,
            excludesTouched: try reader.flag("EXCLUDE_TOUCHED", default: true),
            blendName: reader.text("BLEND") ?? "interleave",
            deadlineMs: try reader.integer("ONLINE_DEADLINE_MS", default: 100, in: 5...10_000),
            adminToken: reader.text("ADMIN_TOKEN", isSecret: true),
            journalPath: isTraced || isInTestMode ? reader.text("TEST_LOG") ?? "logs/test_service.log" : nil,
            console: try reader.choice("CONSOLE", default: consoleDefault),
            quality: try LiveQualitySettings(reader))
    }
}
