// The plan of a load test: fixed by its seed, as many as asked, over as long as asked.

import Testing

@testable import Workload

@Suite struct ArrivalScheduleTests {
    private func schedule(_ change: (inout WorkloadParameters) -> Void) throws -> ArrivalSchedule {
        var parameters = WorkloadParameters()
        change(&parameters)
        try parameters.validate()
        return ArrivalSchedule(parameters)
    }

    @Test func `the same seed plans the same arrivals, another one others`() throws {
        let first = try schedule { $0.seed = 7 }
        let again = try schedule { $0.seed = 7 }
        let other = try schedule { $0.seed = 8 }
        #expect(first.arrivals == again.arrivals)
        #expect(first.arrivals != other.arrivals)
    }

    @Test func `without options it is the classic load: 20,000 within 15 minutes`() throws {
        let schedule = try schedule { _ in }
        #expect(schedule.arrivals.count == 20_000)
        #expect(schedule.durationSeconds == 900)
        #expect(schedule.arrivals.map(\.dueNs) == schedule.arrivals.map(\.dueNs).sorted())
        #expect(try #require(schedule.arrivals.first).dueNs >= 0)
        let last = try #require(schedule.arrivals.last).dueNs
        #expect(last < 900_000_000_000 && last > 890_000_000_000)
    }

    @Test(
        arguments: [(200.0, nil, 2000, 10.0), (200.0, 500, 500, 2.5), (nil, 500, 500, 10.0)]
            as [(Double?, Int?, Int, Double)])
    func `rate and sample limit decide how many, and until when`(
        rate: Double?, samples: Int?, count: Int, seconds: Double
    ) throws {
        let schedule = try schedule {
            $0.durationSeconds = 10
            $0.ratePerSecond = rate
            $0.samplesMax = samples
        }
        #expect(schedule.arrivals.count == count)
        #expect(abs(schedule.durationSeconds - seconds) < 0.001)
    }

    @Test func `a ramp thins out the beginning and leaves the rest at its rate`() throws {
        let schedule = try schedule {
            $0.durationSeconds = 100
            $0.rampSeconds = 50
            $0.ratePerSecond = 1000
            $0.delayedShare = 0
        }
        #expect(schedule.arrivals.count == 75_000)
        func count(_ from: Double, _ through: Double) -> Int {
            schedule.arrivals.filter { Double($0.dueNs) >= from * 1e9 && Double($0.dueNs) < through * 1e9 }.count
        }
        // Rising evenly: a fourth of the ramp's arrivals in its first half. Within a few standard deviations.
        #expect(abs(count(0, 25) - 6250) < 400)
        #expect(abs(count(25, 50) - 18_750) < 600)
        #expect(abs(count(50, 100) - 50_000) < 900)
    }

    @Test func `delayed arrivals keep the next one waiting tenfold`() throws {
        func longest(_ share: Double) throws -> (mean: Double, long: Int) {
            let arrivals = try schedule {
                $0.delayedShare = share
                $0.samplesMax = 50_000
            }.arrivals
            let gaps = zip(arrivals.dropFirst(), arrivals).map { Double($0.dueNs - $1.dueNs) }
            let mean = gaps.reduce(0, +) / Double(gaps.count)
            return (mean, gaps.filter { $0 > mean * 12 }.count)
        }
        // An exponential gap of more than twelve times the mean comes six times in a million.
        #expect(try longest(0).long < 10)
        // Of the tenfold ones, every third does: e^-1.2, less what the stretching takes.
        let delayed = try longest(0.01)
        #expect(delayed.long > 80 && delayed.long < 250)
    }

    @Test func `the mix and the reads of one's own events come in their shares`() throws {
        let mix = try #require(WorkloadMix("3:1"))
        let arrivals = try schedule {
            $0.mix = mix
            $0.freshnessShare = 0.5
            $0.samplesMax = 40_000
        }.arrivals
        let counts = Dictionary(grouping: arrivals, by: \.kind).mapValues(\.count)
        #expect(abs(counts[.recommendations, default: 0] - 30_000) < 500)
        #expect(abs(counts[.event, default: 0] - 5000) < 400)
        #expect(abs(counts[.eventReadBack, default: 0] - 5000) < 400)
        #expect(WorkloadMix("0:1") != nil)
        for text in ["", "1", "0:0", "1:-1", "a:b", "1:2:3"] { #expect(WorkloadMix(text) == nil) }
    }

    @Test func `what cannot be is refused by its option's name`() {
        func expectRefusal(_ name: String, _ change: (inout WorkloadParameters) -> Void) {
            var parameters = WorkloadParameters()
            change(&parameters)
            #expect { try parameters.validate() } throws: { "\($0)".contains(name) }
        }
        expectRefusal("--duration") { $0.durationSeconds = 0 }
        expectRefusal("--ramp") { $0.rampSeconds = 901 }
        expectRefusal("--delayed-rate") { $0.delayedShare = 1.5 }
        expectRefusal("--max-samples") { $0.samplesMax = 0 }
        expectRefusal("--rate") { $0.ratePerSecond = -1 }
        expectRefusal("arrivals") { $0.ratePerSecond = 100_000 }
        expectRefusal("--places") { $0.places = 501 }
        expectRefusal("no arrival") {
            $0.ratePerSecond = 0.001
            $0.durationSeconds = 1
        }
    }
}
