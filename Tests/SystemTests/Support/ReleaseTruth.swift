// What a release says, read from the object store and not from Redis: an answer that mixes two releases, or takes from half a
// generation, disagrees with it.

import Models
import Stores
import Testing

/// An answer with `explain`, as far as it is compared.
struct ExplainedAnswer: Decodable, Sendable {
    struct Place: Decodable, Sendable {
        struct Cause: Decodable, Sendable {
            let item_id: String
        }
        let item_id: String
        let source: String
        let score: Float
        let similarity: Float?
        let cause: Cause?
    }

    let generation: Int
    let served_by: String
    let recommendations: [Place]
}

/// The scored lists of a release.
struct ReleaseTruth: Sendable {
    /// What a list says of each of its items.
    typealias Scores = [String: Float]

    let release: String
    private let offline: [String: Scores]
    private let similar: [String: Scores]
    private let popular: Scores

    /// Reads a release.
    init(_ release: String, from store: ReleaseStore) async throws {
        self.release = release
        let manifest = try await store.manifest(of: release)
        func lists(_ list: ReleaseList) async throws -> [String: Scores] {
            let file = try #require(manifest.file(list))
            var bytes: [UInt8] = []
            try await store.read(file, of: release) { bytes += $0 }
            var lists: [String: Scores] = [:]
            for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst() {
                let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
                lists[cells[0], default: [:]][cells[1]] = Float(cells[2])
            }
            return lists
        }
        offline = try await lists(.offline)
        similar = try await lists(.similar)
        popular = try await lists(.popular)["", default: [:]]
    }

    /// Users that have an offline list.
    var users: [String] { offline.keys.sorted() }
    /// Items that others are similar to.
    var items: [String] { similar.keys.sorted() }

    /// What an answer says that this release does not.
    func faults(in answer: ExplainedAnswer, for user: String) -> [String] {
        answer.recommendations.compactMap { place in
            let (said, known): (Float?, Float?) =
                switch place.source {
                case "online": (place.similarity, place.cause.flatMap { similar[$0.item_id]?[place.item_id] })
                case "offline": (place.score, offline[user]?[place.item_id])
                default: (place.score, popular[place.item_id])
                }
            // Redis holds scores with fewer digits.
            guard let said, let known, abs(said - known) <= 1e-4 * max(1, abs(known)) else {
                return "\(place.item_id) is \(place.source) by \(said.map { "\($0)" } ?? "nothing"), "
                    + "\(release) says \(known.map { "\($0)" } ?? "nothing")"
            }
            return nil
        }
    }
}
