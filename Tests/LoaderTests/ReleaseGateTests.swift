// The gate's judgement, margin by margin, and the comparison of answers before and after a switch. Pure.

import Models
import Settings
import Stores
import Testing

@testable import Loader

@Suite struct `The release gate` {
    private static func lists(
        users: Int = 1000, empty: Int = 0, short: Int = 0, covered: Int = 500, ndcg: Double? = 0.06
    ) -> ReleaseReport.Lists {
        ReleaseReport.Lists(
            release: "r", generation: 1, users: users, emptyLists: empty, shortLists: short, itemsCovered: covered,
            itemsWithSimilar: 400, ndcg: ndcg)
    }

    private static func report(
        _ new: ReleaseReport.Lists, live: ReleaseReport.Lists? = lists(), lost: Int = 0, overlap: Double? = 0.4
    ) -> ReleaseReport {
        ReleaseReport(
            new: new, live: live, usersLost: lost, usersGained: 0, overlapAtTen: overlap, overlapUsers: 10,
            decision: .passed, reasons: [], decidedAtMs: 0)
    }

    private static func gate(_ change: (inout GateSettings) -> Void = { _ in }) -> ReleaseGate {
        var settings = GateSettings()
        change(&settings)
        return ReleaseGate(settings)
    }

    @Test func `lets through what stays inside the margins, to the margin itself`() {
        let gate = Self.gate()
        #expect(gate.objections(to: Self.report(Self.lists())).isEmpty)
        let edge = Self.report(
            Self.lists(users: 500, short: 50, covered: 250, ndcg: 0.048), lost: 500, overlap: 0.02)
        #expect(gate.objections(to: edge).isEmpty)
    }

    @Test func `names each ground with its numbers`() {
        let gate = Self.gate()
        func grounds(_ report: ReleaseReport) -> [ReleaseGate.Ground] { gate.objections(to: report).map(\.ground) }
        #expect(grounds(Self.report(Self.lists(users: 0))) == [.noUsers])
        #expect(grounds(Self.report(Self.lists(users: 499), lost: 501)) == [.usersLost])
        #expect(grounds(Self.report(Self.lists(empty: 60, short: 60))) == [.shortLists])
        #expect(grounds(Self.report(Self.lists(covered: 249))) == [.coverage])
        #expect(grounds(Self.report(Self.lists(), overlap: 0.01)) == [.overlap])
        #expect(grounds(Self.report(Self.lists(ndcg: 0.0479))) == [.metric])
        #expect(
            gate.objections(to: Self.report(Self.lists(users: 400), lost: 600)).map(\.text) == [
                "600 of 1000 users lose their list (60 %, at most 50 %)"
            ])
    }

    @Test func `holds nothing against what cannot be known, nor against the first release`() {
        let gate = Self.gate()
        #expect(gate.objections(to: Self.report(Self.lists(users: 0), live: nil)).isEmpty)
        let unavailable = gate.objections(to: Self.report(Self.lists(users: 0, empty: 7), live: nil))
        #expect(unavailable.map(\.text) == ["no item of its 7 offline lists is available"])
        #expect(gate.decision(unavailable, isFirst: true) == .refused)
        #expect(gate.objections(to: Self.report(Self.lists(ndcg: nil), overlap: nil)).isEmpty)
        #expect(gate.objections(to: Self.report(Self.lists(), live: Self.lists(covered: 0, ndcg: nil))).isEmpty)
        // A shop without offline lists may stay one.
        #expect(gate.objections(to: Self.report(Self.lists(users: 0), live: Self.lists(users: 0, covered: 0))).isEmpty)
    }

    @Test func `asks a person, unless nobody is there to be asked`() {
        let objection = [ReleaseGate.Objection(ground: .overlap, text: "")]
        let nothing: [ReleaseGate.Objection] = []
        let manual = Self.gate()
        #expect(manual.decision(nothing, isFirst: false) == .passed)
        #expect(manual.decision(objection, isFirst: false) == .waiting)
        #expect(manual.decision([.init(ground: .noUsers, text: "")], isFirst: false) == .refused)
        let approval = Self.gate { $0.wantsApproval = true }
        #expect(approval.decision(nothing, isFirst: false) == .waiting)
        #expect(approval.decision(nothing, isFirst: true) == .passed)
        let autonomous = Self.gate {
            $0.isAutonomous = true
            $0.wantsApproval = true
        }
        #expect(autonomous.decision(nothing, isFirst: false) == .passed)
        #expect(autonomous.decision(objection, isFirst: false) == .refused)
    }

    @Test func `takes a switch back only for a rise that is large and no chance`() {
        let settings = GateSettings()
        // Each kind by itself, as if the others did not exist.
        func objects(_ old: (Int, Int), _ new: (Int, Int)) -> Bool {
            let found = AnswerTally.Kind.allCases.filter { kind in
                SwitchWatch.objections(
                    AnswerTally(answers: old.0, [kind: old.1]), AnswerTally(answers: new.0, [kind: new.1]), settings
                ).map(\.kind) == [kind]
            }
            #expect(found.isEmpty || found == AnswerTally.Kind.allCases)
            return !found.isEmpty
        }
        #expect(objects((10_000, 500), (1_000, 400)))
        #expect(objects((500, 0), (500, 500)))
        #expect(!objects((10_000, 500), (1_000, 140)), "a rise of nine points")
        #expect(!objects((10_000, 500), (499, 499)), "too few answers after")
        #expect(!objects((499, 0), (10_000, 10_000)), "too few answers before")
        #expect(!objects((10_000, 9_000), (10_000, 1_000)), "better than before")
        #expect(!objects((500, 250), (500, 310)), "12 points, but within chance")
        #expect(!objects((500, 500), (500, 500)))
    }
}
