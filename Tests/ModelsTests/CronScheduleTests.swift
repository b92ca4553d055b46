// When schedules are due, against times that were worked out by hand.

import Models
import Testing

@Suite struct CronScheduleTests {
    // 2026-11-25 is a Wednesday.
    private static let wednesdayMs: Int64 = 1_795_564_800_000
    private static let dayMs: Int64 = 86_400_000

    @Test(
        arguments: [
            ("@weekly", -3 * dayMs, 4 * dayMs), ("@daily", 0, dayMs), ("@hourly", 12 * 3_600_000, 13 * 3_600_000),
            ("@monthly", -24 * dayMs, 6 * dayMs), ("@yearly", -328 * dayMs, 37 * dayMs),
            ("30 3 * * *", 12_600_000, dayMs + 12_600_000), ("0 0 * * wed", 0, 7 * dayMs),
            ("0 0 * * 7", -3 * dayMs, 4 * dayMs), ("15 6-8/2 * nov mon-fri", 29_700_000, dayMs + 22_500_000),
            ("*/20 12 * * *", 43_200_000 + 1_800_000 - 600_000, 43_200_000 + 2_400_000),
            ("0 0 29 2 *", -1000 * dayMs, 461 * dayMs), ("0 0 1,26 * sun", -3 * dayMs, dayMs),
            ("5/30 12 * * *", 43_500_000, 45_300_000),
        ] as [(String, Int64, Int64)])
    func `has a latest and a next time around a Wednesday's half past noon`(
        text: String, latestMs: Int64, nextMs: Int64
    ) throws {
        let schedule = try CronSchedule(text)
        let nowMs = Self.wednesdayMs + 45_000_000
        #expect(schedule.latest(atOrBeforeMs: nowMs) == Self.wednesdayMs + latestMs)
        #expect(schedule.next(afterMs: nowMs) == Self.wednesdayMs + nextMs)
    }

    @Test func `a time is due at its very millisecond, and the next one comes behind it`() throws {
        let schedule = try CronSchedule("@daily")
        #expect(schedule.latest(atOrBeforeMs: Self.wednesdayMs) == Self.wednesdayMs)
        #expect(schedule.latest(atOrBeforeMs: Self.wednesdayMs - 1) == Self.wednesdayMs - Self.dayMs)
        #expect(schedule.next(afterMs: Self.wednesdayMs) == Self.wednesdayMs + Self.dayMs)
        #expect(schedule.next(afterMs: Self.wednesdayMs - 1) == Self.wednesdayMs)
    }

    @Test(arguments: [
        "", "* * * *", "* * * * * *", "@sometimes", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *",
        "* * * * 8", "*/0 * * * *", "5-1 * * * *", "a * * * *", "1,,2 * * * *", "0 0 30 2 *", "-1 * * * *",
        "*/x * * * *",
    ])
    func `what is no schedule is refused`(text: String) {
        #expect(throws: CronSchedule.Fault.self) { try CronSchedule(text) }
    }
}
