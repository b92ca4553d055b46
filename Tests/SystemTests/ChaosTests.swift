// kill -9 of trainer, loader, gateway and features, alone and together, at random moments between a request for training and
// the answers that come of it. A few rounds belong to every test run; `make chaos` makes as many as are asked for.

import Fixtures
import FoundationEssentials
import Models
import Redis
import Stores
import TestServers
import Testing

extension WholeSystem {
    @Suite(.timeLimit(.minutes(5 + Chaos.rounds / 4))) struct `Killing everything` {
        @Test func `at any moment serves no mixture, loses no request, and ends with the newest good release`()
            async throws
        {
            var options = SystemOptions()
            options.redis.isPersistent = true
            options.environment = Chaos.environment
            var random = SeededRandom.ofThisRun()
            try await withSystem(options) { system in
                let chaos = try await Chaos(system)
                let users = try await chaos.firstRelease()
                let readers = TruthReaders(system, port: chaos.gateway.port, users: users)
                var moments: [String: Int] = [:]
                try await readers.run(seeds: [random.next()]) {
                    for round in 1...Chaos.rounds {
                        let moment = try await chaos.round(round, &random, readers)
                        moments[moment, default: 0] += 1
                        if round.isMultiple(of: 10) { print("chaos: \(round) of \(Chaos.rounds) rounds, \(moments)") }
                    }
                }
                try await chaos.checkRest()
                let seen = readers.seen
                #expect(seen.faults.isEmpty, "\(seen.faults.count) of \(seen.count): \(seen.faults.prefix(3))")
                print(
                    "chaos: \(Chaos.rounds) rounds, killed in \(moments), \(seen.count) answers of "
                        + "\(seen.releases.count) releases, \(seen.cuts) cut off")
            }
        }
    }
}

/// The system under attack.
private struct Chaos {
    static let rounds = ChaosSettings.rounds
    /// Different logs, whose models score differently: a mixture of two shows.
    private static let logCount = 3
    private static let eventsPerRound = 20

    /// Quick polls, as many attempts as it takes, and a gate that lets unlike releases pass.
    static let environment = [
        "TRAINER_POLL_MS": "100", "TRAINING_ATTEMPTS_MAX": "100", "LOADER_POLL_MS": "100", "AUTONOMOUS_MODE": "ON",
        "GATE_USERS_LOST_MAX": "1", "GATE_SHORT_LISTS_RISE_MAX": "1", "GATE_COVERAGE_MIN": "0",
        "GATE_METRIC_LOSS_MAX": "1", "GATE_WATCH_SECONDS": "0", "FEATURES_CLAIM_IDLE_MS": "100",
    ]

    /// When the kill comes.
    private enum Moment: CaseIterable {
        case training, published, loading, whole, switched
    }

    let system: FreshetSystem
    let trainer: FreshetProcess
    let loader: FreshetProcess
    let gateway: FreshetProcess
    let features: FreshetProcess

    init(_ system: FreshetSystem) async throws {
        self.system = system
        trainer = try await system.start(.trainer)
        loader = try await system.start(.loader)
        gateway = try await system.start(.gateway)
        features = try await system.start(.features)
    }

    private var processes: [FreshetProcess] { [trainer, loader, gateway, features] }

    /// Brings the first release live; its users.
    func firstRelease() async throws -> [String] {
        try await writeLog(0)
        let run = try await system.stores.training.request(.autonomous, by: "test", nowMs: 1).run
        let release = try await converge(run)
        try await gateway.awaitReady()
        return try await ReleaseTruth(release, from: system.releases).users
    }

    /// One request, one kill, and everything that must follow; the moment of the kill.
    func round(_ number: Int, _ random: inout SeededRandom, _ readers: TruthReaders) async throws -> String {
        try await writeLog(number % Self.logCount)
        try await addEvents(&random)
        let keysBefore = try await keyCount()
        let lastGeneration = try await system.stores.generations.all().last?.generation ?? 0
        let mode = [TrainingMode.manual, .autonomous].randomElement(using: &random)
        let run = try await system.stores.training.request(mode, by: "test", nowMs: Int64(number)).run
        let moment = Moment.allCases.randomElement(using: &random) ?? .training
        let share = Double.random(in: 0...1, using: &random)
        try await eventually("\(moment) \(share) of round \(number)", seconds: 120) {
            try await hasCome(
                moment, share, run: run, keys: keysBefore + Int(share * Double(keysOfOne)), after: lastGeneration)
        }
        var victims = processes.filter { _ in Bool.random(using: &random) }
        if victims.isEmpty { victims = processes }
        for victim in victims { await victim.kill() }
        // What the leases of the dead would do within 15 s, at once; now and then they do it.
        if !number.isMultiple(of: 25) {
            for victim in victims where victim.role == .trainer || victim.role == .loader {
                let lease = victim.role == .trainer ? "training:lease" : "loader:lease"
                _ = try await system.stores.client.send(RawCommand("DEL", [.string(lease)]))
            }
        }
        try await addEvents(&random)
        for victim in victims.shuffled(using: &random) { try await victim.start() }
        let release = try await converge(run)
        try await readers.awaitRelease(release)
        if number.isMultiple(of: 4) { try await offerBrokenRelease(number, live: release, &random) }
        return "\(moment)"
    }

    /// The run succeeds, and what came of it is live; its release.
    private func converge(_ run: String) async throws -> String {
        let training = system.stores.training
        try await eventually("run \(run) is over", seconds: 120) { try await training.run(run)?.state?.isOver == true }
        let over = try #require(try await training.run(run))
        try #require(over.state == .succeeded, "\(over.fields)")
        let release = try #require(over.release)
        try await eventually("\(release) is live", seconds: 60) { try await liveRelease() == release }
        #expect(try await system.releases.names().last { !$0.hasPrefix("r-") } == release, "it is not the newest")
        return release
    }

    private func liveRelease() async throws -> String? {
        guard let active = try await system.stores.generations.active() else { return nil }
        return try await system.stores.generations.info(active)?.release
    }

    private func hasCome(
        _ moment: Moment, _ share: Double, run: String, keys: Int, after generation: Int
    ) async throws -> Bool {
        let now = try await system.stores.training.run(run)
        if now?.state?.isOver == true, moment == .training || moment == .published { return true }
        switch moment {
        case .training: return now.map { $0.state == .running && Double($0.percent) >= share * 90 } ?? false
        case .published: return now?.release != nil
        case .loading:
            guard now?.release != nil else { return false }
            guard let newest = try await system.stores.generations.all().last, newest.generation > generation
            else { return false }
            // Old generations are removed meanwhile, so the count may never be reached.
            if newest.state != "loading" { return true }
            return try await keyCount() >= keys
        case .whole:
            let newest = try await system.stores.generations.all().last
            return newest.map { $0.generation > generation && $0.state == "ready" } ?? false
        case .switched: return try await system.stores.generations.active() ?? 0 > generation
        }
    }

    /// A release that a person damaged on its way: it must be refused whoever dies, and nothing else change.
    private func offerBrokenRelease(_ number: Int, live: String, _ random: inout SeededRandom) async throws {
        let fixture = ReleaseFixture.tagged("bad\(number)")
        try await fixture.publish(to: system.releases)
        let path = system.folder.appending("objects/recommendations/\(fixture.name)/offline.csv.gz")
        try FileManager.default.removeItem(atPath: path)
        let request = try await system.stores.releases.request(fixture.name)
        if Bool.random(using: &random) {
            await loader.kill()
            _ = try await system.stores.client.send(RawCommand("DEL", ["loader:lease"]))
            try await loader.start()
        }
        try await eventually("\(request) is handled", seconds: 60) {
            try await system.stores.releases.outcome()?.request == request
        }
        #expect(try await system.stores.releases.outcome()?.state == "refused")
        #expect(try await liveRelease() == live)
    }

    /// After the last round: every event is in the online state, and nothing lies around.
    func checkRest() async throws {
        try await system.awaitAllApplied()
        let model = try await OnlineModel(of: system)
        #expect(model.entries.count == 2 * Self.eventsPerRound * Self.rounds)
        try await model.check(system)
        #expect(try await system.stores.events.quarantined(countMax: 10).isEmpty)
        try await eventually("half generations are gone") {
            try await system.stores.generations.all().allSatisfy { $0.state == "ready" }
        }
        let known = Set(try await system.stores.generations.all().map { "\($0.generation)" })
        let keys = try await system.stores.client.send(RawCommand("KEYS", ["gen:*"])).values
        for key in keys {
            let owner = try #require(key.text?.split(separator: ":")[1].description)
            #expect(known.contains(owner), "\(key.text ?? "")")
        }
        #expect(try await system.redisCLI("LLEN", "training:pending") == "0")
    }

    private func writeLog(_ number: Int) async throws {
        let data = try await system.command(
            "sample-data", "--users", "120", "--items", "80", "--events", "2500", "--days", "20", "--seed",
            "\(number + 1)", "--force")
        try #require(data.status == .exited(0), "\(data.output)")
    }

    private func addEvents(_ random: inout SeededRandom) async throws {
        for _ in 1...Self.eventsPerRound {
            let fields = [
                (name: "user_id", value: "\(Int.random(in: 1...150, using: &random))"),
                (name: "item_id", value: "\(Int.random(in: 1...90, using: &random))"),
            ]
            let user = try #require(UserID(fields[0].value))
            _ = try await system.stores.events.append([(user: user, fields: fields)]).map { try $0.get() }
        }
    }

    /// About how many keys a generation of the sample data has.
    private var keysOfOne: Int { 250 }

    private func keyCount() async throws -> Int {
        guard case .integer(let count) = try await system.stores.client.send(RawCommand("DBSIZE")) else { return 0 }
        return count
    }
}
