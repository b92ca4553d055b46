// When which user comes, and for how many clicks. The plan holds twelve bytes for each session; the clicks themselves
// are made later, slice of time by slice of time, so that a log of any length is written in time order without being
// held.

/// A user's visit.
struct SampleSession {
    /// When it starts, in seconds from the log's start.
    let startSeconds: UInt32
    /// Whose it is.
    let user: UInt32
    /// Which of the user's sessions it is; makes its chance its own.
    let number: UInt16
    /// How many rows it writes.
    let length: UInt16
}

/// All sessions of a log, grouped by slice of time.
struct SampleSessionPlan {
    /// The longest session, in rows.
    static let lengthMax = 40
    /// Rows of a slice on average: what is held and sorted at once.
    private static let sliceRows = 32_768
    /// How often a session with rows left goes on; gives RetailRocket's 2.3 rows a session to users who return.
    private static let continueChance = 0.62
    /// A pause between two sessions: from an hour to three weeks, in nine doublings; shorter for those who come often.
    private static let pauseShortestSeconds = 3_600.0
    private static let pauseDoublings = 9
    private static let pauseMinSeconds = 2_400.0
    private static let pauseMeanSeconds = 3_600.0 * 1.5 * 511 / 9

    /// Seconds that a slice covers.
    let sliceSeconds: Int
    /// The chance that a view is followed by its cart, and a cart by its purchase.
    let conversion: SampleConversion
    private let sessions: [SampleSession]
    private let sliceStarts: [Int]

    init(parameters: SampleDataParameters) {
        let windowSeconds = parameters.days * 86_400
        sliceSeconds = max(1, windowSeconds / max(1, parameters.events / Self.sliceRows))
        let unordered = Self.sessions(parameters, windowSeconds: windowSeconds)
        var lengths = [Int](repeating: 0, count: Self.lengthMax + 1)
        for session in unordered { lengths[Int(session.length)] += 1 }
        conversion = SampleConversion(sessionsByLength: lengths)

        var starts = [Int](repeating: 0, count: (windowSeconds - 1) / sliceSeconds + 2)
        for session in unordered { starts[Int(session.startSeconds) / sliceSeconds + 1] += 1 }
        for slice in 1..<starts.count { starts[slice] += starts[slice - 1] }
        sliceStarts = starts
        var sorted = unordered
        for session in unordered {
            let slice = Int(session.startSeconds) / sliceSeconds
            sorted[starts[slice]] = session
            starts[slice] += 1
        }
        sessions = sorted
    }

    /// How many slices there are.
    var sliceCount: Int { sliceStarts.count - 1 }

    /// The sessions that start within a slice.
    func sessions(inSlice slice: Int) -> ArraySlice<SampleSession> {
        sessions[sliceStarts[slice]..<sliceStarts[slice + 1]]
    }

    /// Shares the rows among the users, one for each and the rest by a heavy tail, and cuts each user's into sessions.
    private static func sessions(_ parameters: SampleDataParameters, windowSeconds: Int) -> [SampleSession] {
        let tail = ActivityTail(parameters)
        var sessions: [SampleSession] = []
        sessions.reserveCapacity(parameters.users + (parameters.events - parameters.users) / 2)
        var weightBefore = 0.0
        for user in 0..<parameters.users {
            var random = SampleRandom(seed: parameters.seed, .user, user)
            let weightAfter = weightBefore + tail.weight(&random)
            // Rounding the running total, not each share, makes the rows come out exactly.
            var rows = 1 + tail.rows(upTo: weightAfter) - tail.rows(upTo: weightBefore)
            weightBefore = weightAfter
            let pauseScale = min(1, Double(windowSeconds) / (Double(rows) / 2 * pauseMeanSeconds))
            var start = Double(random.below(windowSeconds))
            var number: UInt16 = 0
            while rows > 0 {
                var length = 1
                while length < min(rows, lengthMax), random.chance(continueChance) { length += 1 }
                rows -= length
                let startSeconds = awake(Int(start) % windowSeconds, windowSeconds, &random)
                sessions.append(
                    SampleSession(
                        startSeconds: UInt32(startSeconds), user: UInt32(user), number: number, length: UInt16(length)))
                number &+= 1
                let pause = random.pause(shortest: pauseShortestSeconds, doublings: pauseDoublings)
                start += max(pauseMinSeconds, pause * pauseScale)
            }
        }
        return sessions
    }

    /// Half of what would happen at night happens in the evening instead. RetailRocket's night is 5 to 14 o'clock UTC.
    private static func awake(_ seconds: Int, _ windowSeconds: Int, _ random: inout SampleRandom) -> Int {
        let hour = seconds / 3_600 % 24
        guard (5..<14).contains(hour), random.chance(0.5) else { return seconds }
        return (seconds + 12 * 3_600) % windowSeconds
    }
}

/// How unevenly rows are shared: user weights 1 / u for u uniform, a Pareto tail of exponent 1, cut off at the top.
/// At RetailRocket's two rows a user this leaves seven users in ten with one row, as there, and a few with thousands.
private struct ActivityTail {
    private let weightMax: Double
    private let weightSum: Double
    private let rowsToShare: Int

    init(_ parameters: SampleDataParameters) {
        let weightMax = min(max(Double(parameters.users) / 30, 20), 50_000)
        weightSum = (0..<parameters.users).reduce(0) { sum, user in
            var random = SampleRandom(seed: parameters.seed, .user, user)
            return sum + Self.weight(&random, weightMax)
        }
        self.weightMax = weightMax
        rowsToShare = parameters.events - parameters.users
    }

    /// The weight of the user whose chance this is; the first number drawn from it.
    func weight(_ random: inout SampleRandom) -> Double { Self.weight(&random, weightMax) }

    /// How many of the rows go to users whose weights sum up to `weight`.
    func rows(upTo weight: Double) -> Int { Int((weight / weightSum * Double(rowsToShare)).rounded()) }

    private static func weight(_ random: inout SampleRandom, _ weightMax: Double) -> Double {
        min(1 / (1 - random.unit()), weightMax)
    }
}
