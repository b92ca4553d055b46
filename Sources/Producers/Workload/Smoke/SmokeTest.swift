// freshet smoke: the four classic users through a running system, each answer held against the promise.

import FoundationEssentials
package import Models
import NIOCore
package import Stores
package import WebClient

/// Whom the smoke test sends through the system.
package struct SmokeSubjects: Sendable {
    /// A user with an offline list, who is given an event.
    package let both: UserID
    /// Another one, who is asked for before and after an event.
    package let offlineOnly: UserID
    /// Nobody knows these two.
    package let cold: UserID
    package let unknown: UserID
    /// What is touched; it has similar items.
    package let item: ItemID

    /// Finds users without any event yet, and an item among the popular ones.
    /// - Throws: ``WorkloadError`` if the system has no such users or items.
    package static func find(in stores: RedisStores, run: String) async throws -> SmokeSubjects {
        guard let generation = try await stores.generations.active() else {
            throw WorkloadError("no generation is live; wait until the system is ready, or run: freshet reload")
        }
        let users = try await stores.lists.usersWithoutTouches(generation: generation, countMax: 2)
        guard users.count == 2 else {
            throw WorkloadError("there are no two users left who have an offline list and no events")
        }
        let popular = try await stores.lists.popular(generation: generation, category: nil).prefix(50).map(\.item)
        let similar = try await stores.lists.similar(popular, generation: generation)
        guard let item = zip(popular, similar).first(where: { $0.1.count >= 3 })?.0 else {
            throw WorkloadError("none of the 50 most popular items has similar items")
        }
        guard let cold = UserID("smoke-cold-\(run)"), let unknown = UserID("smoke-new-\(run)") else {
            throw WorkloadError("the run's name must be an identifier")
        }
        return SmokeSubjects(both: users[0], offlineOnly: users[1], cold: cold, unknown: unknown, item: item)
    }
}

/// One smoke test.
package struct SmokeTest: Sendable {
    /// Places that are asked for, places that are shown, and how long an event may take to show.
    private static let count = 20
    private static let shown = 8
    private static let waitMs = 5000

    private let subjects: SmokeSubjects
    private let gateway: WebAddress
    private let ingest: WebAddress
    private let events: EventStreamStore

    package init(subjects: SmokeSubjects, gateway: WebAddress, ingest: WebAddress, events: EventStreamStore) {
        self.subjects = subjects
        self.gateway = gateway
        self.ingest = ingest
        self.events = events
    }

    /// Sends all four through, saying what comes back.
    /// - Returns: what was not as promised; empty if all was.
    /// - Throws: ``WorkloadError`` if the system does not answer.
    package func run(say: (String) -> Void) async throws -> [String] {
        try await LoadTargets(gateway: gateway, events: .http(ingest)).check()
        var faults: [String] = []
        let item = subjects.item
        var id = try await post(subjects.both)
        faults += try await check(
            subjects.both, "1. offline and online: \(subjects.both) has lists, and has just looked at \(item)",
            online: true, offline: true, after: id, say)
        faults += try await check(
            subjects.offlineOnly, "2. offline only: \(subjects.offlineOnly) has lists, and has done nothing lately",
            online: false, offline: true, after: nil, say)
        id = try await post(subjects.offlineOnly)
        faults += try await check(
            subjects.offlineOnly, "   … and now looks at \(item)", online: true, offline: true, after: id, say)
        id = try await add(subjects.cold)
        faults += try await check(
            subjects.cold, "3. cold with an event: nobody knows \(subjects.cold), who looks at \(item) (by XADD)",
            online: true, offline: false, after: id, say)
        faults += try await check(
            subjects.unknown, "4. cold with nothing: nobody knows \(subjects.unknown)", online: false, offline: false,
            after: nil, say)
        return faults
    }

    private func check(
        _ user: UserID, _ title: String, online: Bool, offline: Bool, after: String?, _ say: (String) -> Void
    ) async throws -> [String] {
        let wait = after.map { "&after=\($0)&wait_ms=\(Self.waitMs)" } ?? ""
        let path = "/v1/recommendations/\(user)"
        let answer = try await ask("\(path)?k=\(Self.count)&explain=true\(wait)")
        let sides = (
            online: try await ask("\(path)/online?k=500&explain=true").items(from: "online"),
            offline: try await ask("\(path)/offline?k=500&explain=true").items(from: "offline")
        )
        var promise = SmokePromise(
            count: Self.count, online: sides.online, offline: sides.offline, wantsOnline: online,
            wantsOffline: offline, after: after)
        var faults = promise.faults(of: answer)
        // The promise holds behind exclusion: without the first item of each side, everybody moves up.
        let excluded = [sides.online.first, sides.offline.first].compactMap(\.self)
        if !excluded.isEmpty {
            promise.excluded = Set(excluded)
            let shorter = try await ask(
                "\(path)?k=\(Self.count)&explain=true&exclude=\(excluded.joined(separator: ","))")
            faults += promise.faults(of: shorter).map { "without \(excluded.joined(separator: ", ")): \($0)" }
        }
        say("")
        say(title)
        for line in answer.lines(shown: Self.shown) { say("  \(line)") }
        for fault in faults { say("  BROKEN: the answer \(fault)") }
        return faults.map { "\(user): the answer \($0)" }
    }

    private func ask(_ path: String) async throws -> SmokeAnswer {
        let answer = try await WebConnection.with(gateway) { try await $0.send(.get(path)) }
        return try read(answer, of: path)
    }

    /// An event by HTTP; its stream id.
    private func post(_ user: UserID) async throws -> String {
        struct Ids: Decodable { let ids: [String] }
        let body = #"{"\#(EventField.user)":"\#(user)","\#(EventField.item)":"\#(subjects.item)"}"#
        let path = "/v1/events"
        let answer = try await WebConnection.with(ingest) {
            try await $0.send(.post(path, body: ByteBuffer(string: body)))
        }
        let ids: Ids = try read(answer, of: path)
        guard let id = ids.ids.first else { throw WorkloadError("\(path) answered no id: \(answer.text)") }
        return id
    }

    /// An event as any producer may write it; its stream id.
    private func add(_ user: UserID) async throws -> String {
        let fields = [
            (name: EventField.user, value: user.text), (name: EventField.item, value: subjects.item.text),
        ]
        guard let result = await events.append([(user: user, fields: fields)]).first else {
            throw WorkloadError("XADD was not answered")
        }
        return try result.get().description
    }

    private func read<Value: Decodable>(_ answer: WebAnswer, of path: String) throws -> Value {
        guard answer.status == 200 else {
            throw WorkloadError("\(path) is answered with \(answer.status): \(answer.text)")
        }
        do { return try JSONDecoder().decode(Value.self, from: Data(answer.body.readableBytesView)) } catch {
            throw WorkloadError("the answer of \(path) cannot be read: \(answer.text.prefix(500))")
        }
    }
}
