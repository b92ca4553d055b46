// Live quality by day, as features consumers add it up and the gateway shows it.

import NIOCore
package import Ranking
import Redis
import Telemetry

/// Adds to and reads the counts of days.
package struct QualityStore: Sendable {
    /// Days that are kept, today among them.
    package static let daysMax = 8
    /// About how many fields a day holds, beyond which further generations are counted as one: 8,000 are 66 combinations of
    /// generation and blend with every place of every source.
    private static let fieldsMax = 8000

    private let client: RedisClient

    init(client: RedisClient) { self.client = client }

    /// The UTC day of a time, such as `2026-11-23`.
    package static func day(ofMs milliseconds: Int64) -> String {
        String(UTCTime.text(milliseconds: milliseconds).prefix(10))
    }

    /// Adds counts to a day, all or none of them.
    /// - Throws: ``StoreError``; unless it says that it is retriable, the counts may have been added.
    package func add(_ tally: QualityTally, day: String) async throws {
        let fields = QualityField.all(of: tally)
        guard !fields.isEmpty else { return }
        var arguments: [RedisArgument] = [.integer(Self.daysMax * 86_400), .integer(Self.fieldsMax)]
        for (field, amount) in fields { arguments += [.string(field.text), .integer(amount)] }
        try await StoreError.mapping {
            _ = try await client.send(FCALL("quality_add", keys: [Keys.quality(day)], arguments: arguments))
        }
    }

    /// What the counts of today and of the days before it say.
    /// - Parameter days: how many, 1...``daysMax``.
    package func report(days: Int, nowMs: Int64, deadlineMs: Int? = nil) async throws -> QualityReport {
        let names = (0..<Int64(days)).map { Self.day(ofMs: nowMs - $0 * 86_400_000) }
        let tally = try await self.days(names, deadlineMs: deadlineMs).reduce(into: QualityTally()) { $0 += $1 }
        return QualityReport(tally, days: names)
    }

    /// The counts of some days, in one round trip; a field that is not of our form is passed over.
    package func days(_ days: [String], deadlineMs: Int? = nil) async throws -> [QualityTally] {
        guard !days.isEmpty else { return [] }
        return try await StoreError.mapping {
            try await client.pipeline(days.map { HGETALL(Keys.quality($0)) }, deadlineMs: deadlineMs).map { fields in
                var tally = QualityTally()
                for (field, value) in fields {
                    guard let field = QualityField(text: String(buffer: field)), let amount = Int(String(buffer: value))
                    else { continue }
                    field.add(amount, to: &tally)
                }
                return tally
            }
        }
    }
}

/// What one field of a day counts.
enum QualityField: Equatable {
    /// `<generation>|<blend>|events`
    case events(QualityTally.Group)
    /// `<generation>|<blend>|shown|<source>|<place>`
    case shown(QualityTally.Group, Source, place: Int)
    /// `<generation>|<blend>|hits|<source>|<place>`
    case hits(QualityTally.Group, Source, place: Int)
    /// `contest|<comparison>|<group of users>|<winner>`
    case wins(Contest.Comparison, bucket: Int, winner: Source)

    /// Every count of a tally that is not 0.
    static func all(of tally: QualityTally) -> [(field: QualityField, amount: Int)] {
        var fields: [(field: QualityField, amount: Int)] = []
        func add(_ field: QualityField, _ amount: Int) { if amount != 0 { fields.append((field, amount)) } }
        for (group, counts) in tally.groups {
            add(.events(group), counts.events)
            for source in Source.allCases {
                for place in 1...ServedList.placesMax {
                    add(.shown(group, source, place: place), counts[shown: source, place])
                    add(.hits(group, source, place: place), counts[hits: source, place])
                }
            }
        }
        for comparison in Contest.Comparison.allCases {
            for (bucket, wins) in tally.contest[comparison].enumerated() {
                add(.wins(comparison, bucket: bucket, winner: .online), wins.online)
                add(.wins(comparison, bucket: bucket, winner: .offline), wins.offline)
            }
        }
        return fields
    }

    /// Adds this field's count to a tally.
    func add(_ amount: Int, to tally: inout QualityTally) {
        switch self {
        case .events(let group): tally.groups[group, default: QualityTally.Counts()].events += amount
        case .shown(let group, let source, let place):
            tally.groups[group, default: QualityTally.Counts()][shown: source, place] += amount
        case .hits(let group, let source, let place):
            tally.groups[group, default: QualityTally.Counts()][hits: source, place] += amount
        case .wins(let comparison, let bucket, .online): tally.contest[comparison, bucket].online += amount
        case .wins(let comparison, let bucket, _): tally.contest[comparison, bucket].offline += amount
        }
    }

    var text: String {
        func head(_ group: QualityTally.Group) -> String { "\(group.generation)|\(group.blend.rawValue)" }
        return switch self {
        case .events(let group): "\(head(group))|events"
        case .shown(let group, let source, let place): "\(head(group))|shown|\(source.rawValue)|\(place)"
        case .hits(let group, let source, let place): "\(head(group))|hits|\(source.rawValue)|\(place)"
        case .wins(let comparison, let bucket, let winner):
            "contest|\(comparison.rawValue)|\(bucket)|\(winner.rawValue)"
        }
    }

    /// Reads the text; nil if it is none of ours.
    init?(text: String) {
        let words = text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        if words.count == 4, words[0] == "contest" {
            guard let comparison = Contest.Comparison(rawValue: words[1]), let bucket = Int(words[2]),
                (0..<Contest.bucketCount).contains(bucket), let winner = Source(rawValue: words[3]), winner != .popular
            else { return nil }
            self = .wins(comparison, bucket: bucket, winner: winner)
            return
        }
        guard words.count >= 3, let generation = Int(words[0]), let blend = Blend(rawValue: words[1]) else {
            return nil
        }
        let group = QualityTally.Group(generation: generation, blend: blend)
        if words.count == 3, words[2] == "events" {
            self = .events(group)
            return
        }
        guard words.count == 5, let source = Source(rawValue: words[3]), let place = Int(words[4]),
            (1...ServedList.placesMax).contains(place)
        else { return nil }
        switch words[2] {
        case "shown": self = .shown(group, source, place: place)
        case "hits": self = .hits(group, source, place: place)
        default: return nil
        }
    }
}
