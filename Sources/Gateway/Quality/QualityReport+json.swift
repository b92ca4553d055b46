// Live quality as JSON, the same for the route and for the command.

package import Ranking
package import WebService

extension QualityReport {
    /// Writes the report as an object.
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("days")
            writer.array { writer in for day in days { writer.plainString(day) } }
            Self.write(all, to: &writer)
            writer.key("sources")
            writer.array { writer in
                for row in sources { Self.write(row, "source", to: &writer) { $0.plainString($1.rawValue) } }
            }
            writer.key("places")
            writer.array { writer in for row in places { Self.write(row, to: &writer) } }
            writer.key("blends")
            writer.array { writer in
                for row in blends { Self.write(row, "blend", to: &writer) { $0.plainString($1.rawValue) } }
            }
            writer.key("generations")
            writer.array { writer in
                for row in generations { Self.write(row, "generation", to: &writer) { $0.integer($1) } }
            }
            writer.key("contest")
            Self.write(contest, to: &writer)
        }
    }

    private static func write<Key>(
        _ row: Row<Key>, _ name: String, to writer: inout JSONWriter, _ key: (inout JSONWriter, Key) -> Void
    ) {
        writer.object { writer in
            writer.key(name)
            key(&writer, row.key)
            writer.field("shown", row.shown)
            write(row.rates, to: &writer)
            optional("hits_per_shown", row.hitsPerShown, to: &writer)
        }
    }

    private static func write(_ rates: QualityRates, to writer: inout JSONWriter) {
        writer.field("events", rates.events)
        writer.field("hits", rates.hits)
        optional("hit_rate", rates.hitRate, to: &writer)
        optional("mrr", rates.meanReciprocalRank, to: &writer)
    }

    private static func write(_ row: PlaceRow, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("place", row.place)
            writer.field("shown", row.shown)
            writer.field("hits", row.hitCount)
            for (source, count) in row.hits { writer.field(source.rawValue, count) }
            optional("hit_rate", row.hitRate, to: &writer)
        }
    }

    private static func write(_ contest: Contest, to writer: inout JSONWriter) {
        let verdict = contest.verdict
        writer.object { writer in
            for comparison in Contest.Comparison.allCases {
                let share = contest.share(comparison)
                let interval = share.interval
                writer.key(comparison.rawValue)
                writer.object { writer in
                    writer.field("events", share.trials)
                    writer.field("online", share.successes)
                    writer.field("offline", share.trials - share.successes)
                    optional("online_share", share.share, to: &writer)
                    optional("low", interval?.low, to: &writer)
                    optional("high", interval?.high, to: &writer)
                    writer.field("user_groups", share.groups)
                }
            }
            writer.field("verdict", verdict.name)
            writer.field("sentence", verdict.sentence)
            if case .leading(let side, let more) = verdict {
                writer.field("leading", side.rawValue)
                writer.field("more_events", more)
            }
        }
    }

    private static func optional(_ name: String, _ value: Double?, to writer: inout JSONWriter) {
        writer.key(name)
        if let value { writer.number(value) } else { writer.null() }
    }
}
