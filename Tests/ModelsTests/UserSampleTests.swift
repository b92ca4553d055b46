// Who is sampled follows from the id alone, and says nothing about the user's group or stream.

import Models
import Testing

@Suite struct `A sample of users` {
    private static let users = (0..<20_000).compactMap { UserID("\($0)") }

    @Test(arguments: [0.01, 0.1, 0.5, 0.9])
    func `holds about its share`(share: Double) {
        let sample = UserSample(share: share)
        let count = Double(Self.users.count { sample.contains($0) })
        let expected = share * Double(Self.users.count)
        // Five standard deviations of a fair draw.
        #expect(abs(count - expected) < 5 * (expected * (1 - share)).squareRoot(), "\(count)")
    }

    @Test func `of nobody holds nobody, of everybody everybody`() {
        #expect(!Self.users.contains { UserSample(share: 0).contains($0) })
        #expect(Self.users.allSatisfy { UserSample(share: 1).contains($0) })
        #expect(UserSample(share: 7).share == 1 && UserSample(share: -1).share == 0)
    }

    @Test func `is part of every larger one`() {
        let (small, large) = (UserSample(share: 0.1), UserSample(share: 0.3))
        #expect(Self.users.allSatisfy { !small.contains($0) || large.contains($0) })
    }

    @Test func `is spread over the groups, and over the streams, as all users are`() {
        let sampled = Self.users.filter { UserSample(share: 0.2).contains($0) }
        for count in [UserBucket.count, 4] {
            var sizes = [Int](repeating: 0, count: count)
            for user in sampled { sizes[count == 4 ? Self.stream(user) : UserBucket.of(user)] += 1 }
            let mean = Double(sampled.count) / Double(count)
            #expect(sizes.allSatisfy { abs(Double($0) - mean) < 5 * mean.squareRoot() }, "\(sizes)")
        }
    }

    /// FNV-1a modulo four, which chooses a user's stream.
    private static func stream(_ user: UserID) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in user.text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int(hash % 4)
    }

    @Test func `is the same in every build`() throws {
        let named = try ["1", "2", "3", "ann", "bob"].map { UserBucket.of(try #require(UserID($0))) }
        #expect(named == expectedBuckets)
    }

    private let expectedBuckets = [56, 33, 18, 63, 14]
}
