// The live console in a real browser against real processes: a click on an item is an event, and the list changes.

import Fixtures
import FoundationEssentials
import Models
import NIOHTTP1
import Ranking
import Stores
import Telemetry
import TestServers
import Testing
import WebClient

extension WholeSystem {
    @Suite(.timeLimit(.minutes(3))) struct `The live console` {
        /// Runs all that the page needs, and opens a browser.
        private func withConsole(
            mode: String = "on", _ body: (FreshetSystem, FreshetProcess, Browser) async throws -> Void
        ) async throws {
            try await withSystem { system in
                try await ReleaseFixture.tagged("a", users: 3).publish(to: system.releases)
                try await ReleaseFixture.tagged("b", users: 3).publish(to: system.releases)
                try await system.start(.loader)
                let gateway = try await system.start(.gateway, ["CONSOLE": mode])
                let features = try await system.start(.features)
                try await system.load("r-a")
                for process in [gateway, features] { try await process.awaitReady() }
                try await Browser.run(in: system.folder) { browser in try await body(system, gateway, browser) }
            }
        }

        private func places(_ page: BrowserPage) async throws -> [String] {
            try await page.evaluate(
                "[...document.querySelectorAll('#blended button')].map(b => b.dataset.item + ' ' + b.className.split(' ')[0])"
            ).split(separator: ",").map(String.init)
        }

        @Test func `a click on an item changes the list, and says how long that took`() async throws {
            try await withConsole { system, gateway, browser in
                let page = try await browser.open("http://127.0.0.1:\(gateway.port)/?user=u1")
                try await page.waits(for: "document.querySelectorAll('#blended button').length === 20")
                #expect(try await places(page).allSatisfy { $0.hasSuffix(" offline") })
                // An item of which similar ones are known, by its name.
                _ = try await page.evaluate("document.getElementById('item').focus()")
                try await page.type("i1")
                try await page.click("#send")
                try await page.waits(for: "document.getElementById('message').textContent.includes('places changed')")
                let after = try await places(page)
                #expect(
                    after.enumerated().allSatisfy { $1.hasSuffix($0 % 2 == 0 ? " online" : " offline") }, "\(after)")
                #expect(after.first == "a.s1.1 online")
                let message = try await page.evaluate("document.getElementById('message').textContent")
                #expect(message.hasPrefix("view of i1: the new list was here after "), "\(message)")
                #expect(
                    try await page.evaluate("Number(document.getElementById('message').dataset.milliseconds) > 0")
                        == "true")
                #expect(try await page.evaluate("document.getElementById('online').textContent").contains("i1, view"))

                // A click in the list: what was touched leaves it.
                try await page.click("input[value=transaction]")
                let second = try #require(after.dropFirst().first?.split(separator: " ").first.map(String.init))
                try await page.click("#blended li:nth-child(2) button")
                try await page.waits(
                    for: "document.getElementById('message').textContent.startsWith('transaction of \(second)') "
                        + "&& document.getElementById('message').textContent.includes('places changed')")
                #expect(!(try await places(page)).contains { $0.hasPrefix("\(second) ") })
                let user = try #require(UserID("u1"))
                let touched = try await system.stores.online.entries(of: user)
                #expect(touched.map(\.type) == ["transaction", "view"] && touched.first?.item.text == second)
                let complaints = await browser.complaints
                #expect(complaints.isEmpty)
            }
        }

        @Test func `works by the keyboard alone`() async throws {
            try await withConsole { _, gateway, browser in
                let page = try await browser.open("http://127.0.0.1:\(gateway.port)/")
                try await page.waits(
                    for: "document.getElementById('message').textContent.includes('Nobody has been active')")
                _ = try await page.evaluate("document.getElementById('user').focus()")
                try await page.type("u2")
                try await page.press("Enter", code: 13)
                try await page.waits(for: "document.querySelectorAll('#blended button').length === 20")
                _ = try await page.evaluate("document.querySelector('#blended button').focus()")
                try await page.press("ArrowDown", code: 40)
                try await page.press("ArrowDown", code: 40)
                #expect(try await page.evaluate("document.activeElement.querySelector('.place').textContent") == "3")
                try await page.press("Enter", code: 13)
                try await page.waits(for: "document.getElementById('message').textContent.includes('places changed')")
                // The focus is still in the list that was drawn anew.
                try await page.waits(for: "document.activeElement.closest('#blended') !== null")
                let complaints = await browser.complaints
                #expect(complaints.isEmpty)
            }
        }

        @Test func `shows figures as they come, and a switch of generations without being asked`() async throws {
            try await withConsole { system, gateway, browser in
                let page = try await browser.open("http://127.0.0.1:\(gateway.port)/?user=u1")
                try await page.waits(for: "document.getElementById('connection').textContent === 'live'")
                try await page.waits(for: "document.getElementById('release').textContent === 'r-a'")
                try await page.waits(
                    for: "document.getElementById('instances').textContent === '2 of 2 instances serve it'")
                for number in 1...50 {
                    _ = try await HTTP.get(gateway.port, "/v1/recommendations/u\(number % 3 + 1)")
                }
                try await page.waits(for: "Number(document.getElementById('rate').textContent) > 0")
                _ = try await system.redisCLI("XADD", "events", "*", "user_id", "u1", "item_id", "i1")
                try await page.waits(for: "Number(document.getElementById('freshness').textContent) > 0")
                try await system.load("r-b")
                try await page.waits(for: "document.getElementById('release').textContent === 'r-b'")
                try await page.waits(for: "document.querySelector('#blended button').dataset.item.startsWith('b.')")
                let complaints = await browser.complaints
                #expect(complaints.isEmpty)
            }
        }

        @Test func `says how lists did, and who wins, in words`() async throws {
            try await withConsole { system, gateway, browser in
                let page = try await browser.open("http://127.0.0.1:\(gateway.port)/?user=u1")
                try await page.waits(for: "document.getElementById('quality-empty').hidden === false")
                var tally = QualityTally()
                let sources: [Source] = (1...20).map { $0 % 2 == 1 ? .online : .offline }
                for bucket in 0..<32 {
                    for place in [3, 5, 5, 2, nil, nil, nil, nil, nil, nil] {
                        tally.add(
                            ListScore(blend: .interleave, generation: 1, place: place, sources: sources), bucket: bucket
                        )
                    }
                }
                try await system.stores.quality.add(tally, day: QualityStore.day(ofMs: UTCTime.nowMs()))
                try await page.waits(for: "document.getElementById('hit-rate').textContent === '40 %'")
                #expect(
                    try await page.evaluate("document.getElementById('verdict').textContent")
                        == "Online wins: users take its items more often even from the lower place.")
                #expect(try await page.evaluate("document.querySelectorAll('#chart-contest circle').length") == "2")
                let bars =
                    "[...document.querySelectorAll('#chart-places rect.online')].map(b => +b.getAttribute('height') > 0)"
                #expect(
                    try await page.evaluate("\(bars).map((shown, index) => shown ? index + 1 : 0).filter(Boolean)")
                        == "3,5")
                let values = try await page.evaluate(
                    "[...document.querySelectorAll('#quality-sources .value')].map(v => v.textContent).join('; ')")
                #expect(values == "30 %, 96 hits; 10 %, 32 hits; 0.0 %, 0 hits")
                for isDark in [false, true] {
                    let phone = try await browser.open(
                        "http://127.0.0.1:\(gateway.port)/?user=u1", width: 390, height: 844, isDark: isDark)
                    try await phone.waits(for: "document.getElementById('hit-rate').textContent === '40 %'")
                    #expect(try await phone.evaluate("document.documentElement.scrollWidth <= 390") == "true")
                }
                let complaints = await browser.complaints
                #expect(complaints.isEmpty)
            }
        }

        @Test func `fits on a phone, light and dark, and takes hostile names for text`() async throws {
            try await withConsole { _, gateway, browser in
                for isDark in [false, true] {
                    let page = try await browser.open(
                        "http://127.0.0.1:\(gateway.port)/?user=u1", width: 390, height: 844, isDark: isDark)
                    try await page.waits(for: "document.querySelectorAll('#blended button').length === 20")
                    #expect(try await page.evaluate("document.documentElement.scrollWidth <= 390") == "true")
                    let background = try await page.evaluate("getComputedStyle(document.body).backgroundColor")
                    #expect(background == (isDark ? "rgb(20, 24, 28)" : "rgb(251, 251, 249)"))
                }
                let hostile = "%3Cimg%20src%3Dx%20onerror%3Dwindow.hurt%3D1%3E"
                let page = try await browser.open("http://127.0.0.1:\(gateway.port)/?user=\(hostile)")
                try await page.waits(for: "document.getElementById('message').classList.contains('bad')")
                #expect(try await page.evaluate("window.hurt") == "undefined")
                #expect(try await page.evaluate("document.querySelectorAll('main img, #message img').length") == "0")
            }
        }

        @Test func `sends nothing where it may only show, and is not there where it is off`() async throws {
            try await withConsole(mode: "view") { system, gateway, browser in
                let page = try await browser.open("http://127.0.0.1:\(gateway.port)/?user=u1")
                try await page.waits(for: "document.querySelectorAll('#blended button').length === 20")
                try await page.waits(for: "document.getElementById('sending').hidden")
                try await page.click("#blended button")
                try await page.waits(for: "document.getElementById('message').textContent.includes('switched off')")
                let event = #"{"user_id":"u1","item_id":"i1"}"#
                let refused = try await HTTP.post(gateway.port, "/v1/console/events", event)
                #expect(refused.status == 403 && refused.text.contains("CONSOLE=on"))
                #expect(try await system.redisCLI("EXISTS", "online:{u1}") == "0")

                let closed = try await system.start(.gateway)
                for path in ["/v1/live", "/v1/console/users", "/console/console.js"] {
                    #expect(try await HTTP.get(closed.port, path).status == 403, "\(path)")
                }
                #expect(try await HTTP.get(closed.port, "/").status == 307)
            }
        }

        @Test func `takes events from its own page only, and checks them as ingest does`() async throws {
            try await withConsole { _, gateway, _ in
                func post(
                    _ body: String, from site: String? = nil, type: String = "application/json"
                ) async throws -> (Int, String) {
                    let headers = [("Content-Type", type)] + (site.map { [("Sec-Fetch-Site", $0)] } ?? [])
                    let answer = try await HTTP.withConnection(gateway.port) {
                        try await $0.send(.POST, "/v1/console/events", headers: headers, body: body)
                    }
                    return (answer.status, answer.text)
                }
                let good = #"{"user_id":"u1","item_id":"i1","event":"view"}"#
                #expect(try await post(good).0 == 200)
                #expect(try await post(good, from: "same-origin").0 == 200)
                #expect(try await post(good, from: "cross-site").0 == 403)
                #expect(try await post(good, type: "text/plain").0 == 415)
                let unknown = try await post(#"{"user_id":"u1","item_id":"i1","event":"wink"}"#)
                #expect(unknown.0 == 400 && unknown.1.contains("unknown type"))
                #expect(try await post(#"{"user_id":"a b","item_id":"i1"}"#).0 == 400)
                #expect(try await post(#"{"user_id":"u1","item_id":"i1","ts":1}"#).0 == 400)
            }
        }
    }
}
