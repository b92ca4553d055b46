// The check that every answer passes before it is sent: it must know a broken answer when it sees one.

import Models
import Ranking
import Testing

@testable import Gateway

@Suite struct `The parity check` {
    /// `n` for online, `f` for offline, `p` for popular.
    private static func places(_ pattern: String) throws -> [Place] {
        // Through the blend, so that places are made by nobody else: each item is in its pattern's list only.
        try pattern.enumerated().map { index, letter in
            let item = try itemID("i\(index)")
            let scored = ScoredItem(item: item, score: 1)
            let input = BlendInput(
                online: letter == "n" ? [OnlineCandidate(item: item, score: 1, similarity: 1, cause: 0)] : [],
                offline: letter == "f" ? [scored] : [], popular: letter == "p" ? [scored] : [], excluded: [])
            return try #require(Blend.interleave.places(1, from: input).first)
        }
    }

    @Test(arguments: ["", "n", "f", "p", "nf", "nfnfnf", "nfnnn", "nfff", "ff", "nn", "nfnp", "ffp", "nfnfffpp"])
    func `lets what keeps the rule pass`(pattern: String) throws {
        #expect(Parity.holds(try Self.places(pattern)))
    }

    @Test(arguments: ["fn", "ffn", "nnf", "nfnnf", "nfffn", "pn", "pf", "npf", "nfpn", "nffn", "nfnfnnf"])
    func `catches what breaks it`(pattern: String) throws {
        #expect(!Parity.holds(try Self.places(pattern)))
    }
}
