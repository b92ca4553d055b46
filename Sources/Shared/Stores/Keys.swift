// Every Redis key of the system. Nothing else in the project spells a key; redis/KEYSPACE.md says the same for people.
// The user or item in braces is a cluster hash tag: a user's keys live in one slot.

import Models

/// Names of Redis keys. The comment of each: type; writer; reader; how it ends.
enum Keys {
    // MARK: Events

    /// STREAM; ingest and any producer; features, archive; trimmed past what every group acknowledged and the retention.
    static let events = "events"
    /// STREAM; features; people; about the newest 100,000 entries.
    static let quarantine = "events:quarantine"

    /// The stream of one partition: `events` if there is one only, else `events:<partition>`.
    static func events(partition: Int, of partitions: Int) -> String {
        partitions == 1 ? events : "events:\(partition)"
    }

    /// STRING `<first id> <last id> <count>`: the archive file that is being written; archive; archive; gone with the file's completion.
    static func archivePlan(_ partition: Int) -> String { "archive:plan:\(partition)" }
    /// STRING token; archive; archive; TTL while it works.
    static func archiveLease(_ partition: Int) -> String { "archive:lease:\(partition)" }

    // MARK: Online state

    /// HASH touched item -> touch and similar items; features; gateway, ingest; TTL 30 days.
    static func online(_ user: UserID) -> String { "online:{\(user.text)}" }
    /// HASH event id -> stream id; features; features; TTL 1 day.
    static func seenEventIDs(_ user: UserID) -> String { "seen:{\(user.text)}" }
    /// ZSET user by time of last event; features; the sweep after a switch, gateway; TTL 30 days, members older than 7 days removed.
    static let usersActive = "users:active"

    // MARK: Live quality

    /// LIST of the latest lists that a sampled user got, newest first; gateway; features; TTL LIVE_QUALITY_TTL_SECONDS.
    static func served(_ user: UserID) -> String { "served:{\(user.text)}" }
    /// ZSET stream id of a scored event by its time; features; features; TTL five times that of the lists.
    static func scored(_ user: UserID) -> String { "scored:{\(user.text)}" }
    /// HASH what is counted -> how often; features; gateway, quality; TTL 8 days.
    static func quality(_ day: String) -> String { "quality:\(day)" }

    // MARK: Generations

    /// STRING; loader, rollback; everybody; stays.
    static let generationActive = "generation:active"
    /// LIST, newest first; loader, rollback; rollback; stays, at most KEEP_GENERATIONS long.
    static let generationPrevious = "generation:previous"
    /// STRING counter; loader; loader; stays.
    static let generationSequence = "generation:sequence"
    /// ZSET of generations that have keys in Redis; loader; loader, operators; stays.
    static let generationIndex = "generation:index"
    /// HASH instance -> Unix ms; gateway, features; reload --wait; TTL 7 days.
    static func generationAcks(_ generation: Int) -> String { "generation:\(generation):acks" }
    /// HASH instance -> `<answers> <poor answers>`; gateway; loader; TTL 7 days.
    static func generationAnswers(_ generation: Int) -> String { "generation:\(generation):answers" }
    /// HASH; loader; everybody; belongs to the generation.
    static func meta(_ generation: Int) -> String { "gen:\(generation):meta" }
    /// STRING list; loader; gateway; belongs to the generation.
    static func offline(_ generation: Int, _ user: UserID) -> String { "gen:\(generation):offline:{\(user.text)}" }
    /// All offline lists of one generation, as a pattern for SCAN.
    static func offlinePattern(_ generation: Int) -> String { "gen:\(generation):offline:*" }
    /// STRING list; loader; features, gateway; belongs to the generation.
    static func similar(_ generation: Int, _ item: ItemID) -> String { "gen:\(generation):similar:{\(item.text)}" }
    /// STRING list; loader; gateway; belongs to the generation.
    static func popular(_ generation: Int, category: String?) -> String {
        category.map { "gen:\(generation):popular:\($0)" } ?? "gen:\(generation):popular"
    }
    /// STRING `available=1 categories=leaf,…,root`; loader; gateway; belongs to the generation.
    static func item(_ generation: Int, _ item: ItemID) -> String { "gen:\(generation):item:{\(item.text)}" }
    /// Everything of one generation, as a pattern for SCAN.
    static func pattern(_ generation: Int) -> String { "gen:\(generation):*" }

    // MARK: Coordination

    /// STRING token; loader; loader; TTL while it loads.
    static let loaderLease = "loader:lease"
    /// STRING release, or release and request token; trainer, reload; loader; stays.
    static let releasesLatest = "releases:latest"
    /// HASH what became of the latest request; loader; reload --wait; stays.
    static let releasesHandled = "releases:handled"
    /// HASH release -> report as JSON; loader, whoever decides; people; stays, the latest 50.
    static let releasesReports = "releases:reports"
    /// LIST of requests `<mode> id=<id> by=<who>`; anybody; trainer; stays, at most 100 long.
    static let trainingPending = "training:pending"
    /// STRING run that a trainer has in hand; trainer; trainer; gone with the run's end.
    static let trainingActive = "training:active"
    /// STRING trainer; trainer; trainer, status; TTL while it works.
    static let trainingLease = "training:lease"
    /// STRING counter of lease holders; trainer; trainer; stays.
    static let trainingFence = "training:fence"
    /// STRING latest time of the schedule that was seen, Unix ms; trainer; trainer; stays.
    static let trainingSchedule = "training:schedule"
    /// ZSET run by the time of its request; whoever asks; status; stays, the latest 200.
    static let trainingRuns = "training:runs"
    /// HASH; trainer, whoever asks; status, --follow; TTL 30 days.
    static func trainingRun(_ id: String) -> String { "training:run:\(id)" }
    /// STRING whoever sends to MLflow; trainer, train, model, mlflow; the same; TTL while it sends.
    static let trackingLease = "mlflow:lease"
    /// ZSET instance by its last sign of life; gateway, features; reload --wait; TTL 1 hour.
    static let instances = "instances"
    /// HASH instance -> counts by bucket of freshness; features; gateway's console; TTL 1 minute.
    static let freshness = "freshness"
    /// SET of items switched off by hand; gateway admin, hide; gateway; stays.
    static let hidden = "hidden"
}

/// Names of pub/sub channels: each is the doorbell of a key, which is the truth.
enum Channels {
    /// Rings for ``Keys/releasesLatest``.
    static let releases = "releases"
    /// Rings for ``Keys/generationActive``.
    static let generations = "generations"
    /// Rings for ``Keys/trainingPending``.
    static let trainingRequests = "training:requests"
    /// Rings for ``Keys/trainingRun(_:)``: `<run> <state> <step> <percent>`, rung by the functions.
    static let trainingProgress = "training:progress"
    /// Rings for ``Keys/hidden``.
    static let hidden = "hidden"
}

/// Names of consumer groups.
package enum ConsumerGroup: String, Sendable, CaseIterable {
    /// Keeps the online state.
    case features
    /// Copies events to the object store.
    case archive
}
