// Settings of the gate between a release and the answers.

/// What a release may change before it is kept out, and when one that is live is taken back.
package struct GateSettings: Sendable {
    /// `AUTONOMOUS_MODE`: nobody is asked; a release outside of the margins is kept out (off: it waits for a person).
    package var isAutonomous = false
    /// `RELEASE_APPROVAL`: without autonomous mode, every release but the first waits for `freshet release approve` (off).
    package var wantsApproval = false
    /// `GATE_USERS_LOST_MAX`: the share of the live release's users who may lose their list, 0...1 (0.5).
    package var usersLostMaxShare = 0.5
    /// `GATE_SHORT_LISTS_RISE_MAX`: by how much the share of lists that are empty or shorter than ten may rise, 0...1 (0.1).
    package var shortListsRiseMax = 0.1
    /// `GATE_COVERAGE_MIN`: different items in offline lists, as a share of the live ones', 0...1 (0.5).
    package var coverageMinShare = 0.5
    /// `GATE_OVERLAP_MIN`: the share of the first ten items that lists have in common with the live ones, 0...1 (0.02).
    package var overlapMin = 0.02
    /// `GATE_METRIC_LOSS_MAX`: by how much NDCG@10 of the lists' model may fall, as a share, 0...1 (0.2).
    package var metricLossMaxShare = 0.2
    /// `GATE_WATCH_SECONDS`: how long answers are watched after a switch, 0...86400 (600); 0 for not at all.
    package var watchMs: Int64 = 600_000
    /// `GATE_WATCH_ANSWERS_MIN`: answers of either generation before they are compared, 10...1000000 (500).
    package var watchAnswersMin = 500
    /// `GATE_POOR_ANSWERS_RISE_MAX`: by how much the share of poor answers may rise, 0...1 (0.1).
    package var poorAnswersRiseMax = 0.1

    package init() {}

    package init(_ reader: SettingsReader) throws(SettingsError) {
        isAutonomous = try reader.flag("AUTONOMOUS_MODE", default: isAutonomous)
        wantsApproval = try reader.flag("RELEASE_APPROVAL", default: wantsApproval)
        usersLostMaxShare = try reader.number("GATE_USERS_LOST_MAX", default: usersLostMaxShare, in: 0...1)
        shortListsRiseMax = try reader.number("GATE_SHORT_LISTS_RISE_MAX", default: shortListsRiseMax, in: 0...1)
        coverageMinShare = try reader.number("GATE_COVERAGE_MIN", default: coverageMinShare, in: 0...1)
        overlapMin = try reader.number("GATE_OVERLAP_MIN", default: overlapMin, in: 0...1)
        metricLossMaxShare = try reader.number("GATE_METRIC_LOSS_MAX", default: metricLossMaxShare, in: 0...1)
        watchMs = Int64(try reader.integer("GATE_WATCH_SECONDS", default: 600, in: 0...86_400)) * 1000
        watchAnswersMin = try reader.integer("GATE_WATCH_ANSWERS_MIN", default: watchAnswersMin, in: 10...1_000_000)
        poorAnswersRiseMax = try reader.number("GATE_POOR_ANSWERS_RISE_MAX", default: poorAnswersRiseMax, in: 0...1)
    }
}
