// Is this Redis one that we can rely on: version, memory, persistence, clock, functions?

import Stores

/// Judges the server's own figures.
enum ServerChecks {
    private static let versionMin = 7
    private static let memoryShareMax = 0.9
    private static let clockSkewMsMax: Int64 = 2000

    static func findings(_ facts: ServerFacts, nowMs: Int64) -> [Finding] {
        [version(facts), policy(facts), memory(facts), persistence(facts), clock(facts, nowMs), functions(facts)]
    }

    private static func version(_ facts: ServerFacts) -> Finding {
        let version = facts.figures["redis_version"] ?? "unknown"
        let major = version.split(separator: ".").first.flatMap { Int($0) } ?? 0
        return major >= versionMin
            ? .ok("redis.version", version)
            : .failure("redis.version", "\(version), which has no functions", "run Redis \(versionMin) or later")
    }

    private static func policy(_ facts: ServerFacts) -> Finding {
        let policy = facts.figures["maxmemory_policy"] ?? "unknown"
        let evicted = facts.number("evicted_keys")
        if policy != "noeviction" {
            return .failure(
                "redis.eviction", "maxmemory-policy is \(policy): a full Redis would drop lists and online state",
                "CONFIG SET maxmemory-policy noeviction, and write it into redis.conf; the loader watches the memory")
        }
        if evicted > 0 {
            return .warning(
                "redis.eviction", "noeviction, but \(evicted) keys were evicted before that was set",
                "freshet reload --force, so that no list is missing")
        }
        return .ok("redis.eviction", "noeviction")
    }

    private static func memory(_ facts: ServerFacts) -> Finding {
        let (used, limit) = (facts.number("used_memory"), facts.number("maxmemory"))
        let usedMB = "\(used >> 20) MB used"
        guard limit > 0 else {
            let system = facts.number("total_system_memory")
            return .ok("redis.memory", "\(usedMB), no limit; the machine has \(system >> 20) MB")
        }
        let isFull = Double(used) > Double(limit) * memoryShareMax
        return isFull
            ? .warning(
                "redis.memory", "\(usedMB) of \(limit >> 20) MB: the next release may not fit",
                "raise maxmemory, lower KEEP_GENERATIONS, or publish shorter lists")
            : .ok("redis.memory", "\(usedMB) of \(limit >> 20) MB")
    }

    private static func persistence(_ facts: ServerFacts) -> Finding {
        let check = "redis.persistence"
        let failed = ["aof_last_write_status", "aof_last_bgrewrite_status", "rdb_last_bgsave_status"].filter { name in
            facts.figures[name].map { $0 != "ok" } ?? false
        }
        if !failed.isEmpty {
            return .failure(
                check, "\(failed.joined(separator: ", ")) is not ok: writes may be refused, or lost with the server",
                "look into Redis's log; most often the disk is full or not writable")
        }
        if facts.number("loading") == 1 {
            return .warning(check, "Redis is still reading its data back", "wait; see INFO persistence")
        }
        return facts.number("aof_enabled") == 1
            ? .ok(check, "append-only file on, last write ok")
            : .warning(
                check, "the append-only file is off: a restart loses events and online state since the last snapshot",
                "CONFIG SET appendonly yes, and write it into redis.conf (redis/redis.conf has it)")
    }

    private static func clock(_ facts: ServerFacts, _ nowMs: Int64) -> Finding {
        let skewMs = facts.clockMs - nowMs
        return abs(skewMs) > clockSkewMsMax
            ? .warning(
                "redis.clock",
                "Redis's clock is \(abs(skewMs)) ms \(skewMs > 0 ? "ahead of" : "behind") this machine's",
                "synchronise both machines' clocks (NTP): freshness and signs of life are judged by them")
            : .ok("redis.clock", "agrees with this machine's")
    }

    private static func functions(_ facts: ServerFacts) -> Finding {
        let check = "redis.functions"
        let names = (facts.functionsMissing + facts.functionsOther).joined(separator: ", ")
        if !facts.functionsMissing.isEmpty {
            return .failure(
                check, "not loaded: \(names)", "start a features consumer or a loader of this build; each loads them")
        }
        if !facts.functionsOther.isEmpty {
            return .warning(
                check, "of another build: \(names)",
                "restart the roles with one build; each start loads its own functions")
        }
        return .ok(check, "\(facts.functionsCurrent.count) libraries of this build")
    }
}
