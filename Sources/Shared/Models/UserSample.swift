// Which users are looked at more closely, and how users are put into groups. Both follow from the user id alone, so every
// process comes to the same without asking another one.

/// A share of all users, always the same ones: who belongs to a share belongs to every larger one.
package struct UserSample: Sendable, Hashable {
    /// The share, 0 to 1.
    package let share: Double
    /// Users whose hash is below this belong to it.
    private let limit: UInt64

    /// - Parameter share: 0 to 1; what lies outside is taken for the nearer end.
    package init(share: Double) {
        self.share = min(max(share, 0), 1)
        limit = UInt64(self.share * 0x1p32)
    }

    /// Whether a user belongs to the sample.
    package func contains(_ user: UserID) -> Bool { limit > 0 && UserHash.of(user) >> 32 < limit }
}

/// Groups of users of about the same size, by which figures are kept where keeping them by user would be without bound.
package enum UserBucket {
    /// How many groups there are.
    package static let count = 64

    /// The group of a user, from 0.
    package static func of(_ user: UserID) -> Int { Int(UserHash.of(user) % UInt64(count)) }
}

/// A user's hash. The sample takes its upper half and the group its lowest bits; neither says anything about the other, nor
/// about the stream on which the user's events stand, which follows from the unmixed hash of the id without a salt.
private enum UserHash {
    /// FNV-1a over "freshet" and the user id's bytes, then mixed (SplitMix64's last step), because FNV's upper bits hardly
    /// change with the last byte.
    static func of(_ user: UserID) -> UInt64 {
        var hash = FNV1a.hash(user.text.utf8, from: salted)
        hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
        return hash ^ (hash >> 31)
    }

    private static let salted = FNV1a.hash("freshet".utf8)
}
