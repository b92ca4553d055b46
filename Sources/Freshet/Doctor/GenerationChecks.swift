// Is what is live whole, can one go back, does everybody serve it; and does no key stay for ever?

import Stores

/// What is known about generations.
struct GenerationFacts: Sendable {
    let active: Int?
    let previous: [Int]
    let all: [GenerationInfo]
    /// Living instances, and those of them that serve the live generation.
    let instances: [String]
    let acknowledged: Set<String>

    static func read(_ stores: RedisStores, nowMs: Int64) async throws -> GenerationFacts {
        let active = try await stores.generations.active()
        var acknowledged: Set<String> = []
        if let active { acknowledged = Set(try await stores.instances.acknowledgements(of: active).keys) }
        return GenerationFacts(
            active: active, previous: try await stores.generations.previous(),
            all: try await stores.generations.all(), instances: try await stores.instances.alive(nowMs: nowMs),
            acknowledged: acknowledged)
    }
}

/// Judges generations and keys.
enum GenerationChecks {
    /// A load that takes longer has ended without a word.
    private static let loadingMsMax: Int64 = 3_600_000
    private static let reload = "freshet reload --force --wait loads the newest release again"

    static func findings(_ facts: GenerationFacts, _ audit: KeyAudit, nowMs: Int64) -> [Finding] {
        [live(facts, audit), rollback(facts), waiting(facts), loading(facts, nowMs), instances(facts)] + keys(audit)
    }

    private static func live(_ facts: GenerationFacts, _ audit: KeyAudit) -> Finding {
        let check = "generation.live"
        guard let active = facts.active else {
            return .failure(
                check, "none is live: the gateway cannot answer",
                "freshet train run makes a release; freshet reload --wait loads it")
        }
        guard let info = facts.all.first(where: { $0.generation == active }), info.state == "ready" else {
            let state = facts.all.first { $0.generation == active }?.state ?? "gone"
            return .failure(check, "generation \(active) is live, but its state is \(state)", reload)
        }
        // What the loader wrote down that it had written, against what is there.
        let found = audit.lists[active] ?? [:]
        let short = [("offline", "offline"), ("similar", "similar"), ("popular", "popular"), ("items", "item")]
            .compactMap { figure, kind -> String? in
                // A list of which nothing was left is counted, but not written.
                guard audit.isWhole, let lists = info.fields[figure].flatMap({ Int($0) }),
                    let empty = info.fields["\(figure)_empty"].flatMap({ Int($0) }),
                    found[kind, default: 0] != lists - empty
                else { return nil }
                return "\(found[kind, default: 0]) of \(lists - empty) \(kind) lists"
            }
        guard short.isEmpty else {
            return .failure(check, "generation \(active) has only \(short.joined(separator: ", "))", reload)
        }
        return .ok(check, "\(active), release \(info.release), whole")
    }

    private static func rollback(_ facts: GenerationFacts) -> Finding {
        let check = "generation.rollback"
        guard let target = facts.previous.first else {
            return .ok(check, "no generation was live before this one")
        }
        let state = facts.all.first { $0.generation == target }?.state ?? "gone"
        return state == "ready"
            ? .ok(check, "would go back to \(target)")
            : .warning(
                check, "would go back to \(target), whose state is \(state)",
                "load another release before you rely on a rollback")
    }

    private static func waiting(_ facts: GenerationFacts) -> Finding {
        let check = "generation.waiting"
        guard let info = facts.all.last(where: { $0.state == "waiting" }) else { return .ok(check, "no release waits") }
        return .warning(
            check, "release \(info.release) waits for a person's word",
            "freshet release report \(info.release) shows what it changes; freshet release approve, or refuse")
    }

    private static func loading(_ facts: GenerationFacts, _ nowMs: Int64) -> Finding {
        let stuck = facts.all.filter { info in
            guard info.state == "loading", let started = info.fields["started_at_ms"].flatMap({ Int64($0) }) else {
                return false
            }
            return nowMs - started > loadingMsMax
        }.map { "\($0.generation)" }
        return stuck.isEmpty
            ? .ok("generation.loading", "nothing is left half loaded")
            : .warning(
                "generation.loading", "\(stuck.joined(separator: ", ")) began to load more than an hour ago",
                "start freshet loader: it removes what a loader left behind")
    }

    private static func instances(_ facts: GenerationFacts) -> Finding {
        let check = "generation.instances"
        guard let active = facts.active else { return .ok(check, "there is nothing to serve") }
        guard !facts.instances.isEmpty else {
            return .failure(
                check, "no gateway and no features consumer gives a sign of life",
                "start them: freshet gateway, freshet features")
        }
        let late = facts.instances.filter { !facts.acknowledged.contains($0) }
        return late.isEmpty
            ? .ok(check, "\(facts.instances.count) serve generation \(active)")
            : .warning(
                check, "not on generation \(active): \(late.joined(separator: ", "))",
                "look at their logs; a restart takes the live generation")
    }

    private static func keys(_ audit: KeyAudit) -> [Finding] {
        let whole = audit.isWhole ? "\(audit.scanned) keys" : "\(audit.scanned) of \(audit.total) keys (--keys-max)"
        func finding(_ check: String, _ found: KeyAudit.Found, _ what: String, _ remedy: String) -> Finding {
            found.count == 0
                ? .ok(check, "none among \(whole)")
                : .warning(
                    check, "\(found.count) among \(whole) \(what): \(found.examples.joined(separator: ", "))", remedy)
        }
        return [
            finding(
                "keys.endless", audit.endless, "neither end nor belong to a generation",
                "if they are nobody's, remove them (UNLINK); Freshet's own are in redis/KEYSPACE.md"),
            finding(
                "keys.orphaned", audit.orphaned, "belong to a generation that nobody will remove",
                "ZADD generation:index <n> <n>, and the loader removes generation n"),
        ]
    }
}
