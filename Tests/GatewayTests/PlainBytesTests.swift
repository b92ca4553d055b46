// Two writers for one form: the quick one of the answers that explain nothing, and the other.

import Models
import NIOCore
import Ranking
import Testing
import WebService

@testable import Gateway

@Suite struct `The quick writer` {
    private static let generation = GenerationSnapshot(
        GenerationIdentity(generation: 1234, loadedAtMs: nil), popular: [])

    @Test(arguments: [0, 1, 9, 10, 99, 100, 500])
    func `writes what the other one writes`(count: Int) throws {
        let long = String(repeating: "x", count: 60)
        func list(_ prefix: String) throws -> [ScoredItem] {
            try (0..<count).map { ScoredItem(item: try itemID("\($0 % 7 == 0 ? long : prefix)\($0)"), score: 1) }
        }
        let online = try list("n").map { OnlineCandidate(item: $0.item, score: 1, similarity: 1, cause: 0) }
        let input = BlendInput(
            online: Array(online.prefix(20)), offline: Array(try list("f").prefix(40)), popular: try list("p"),
            excluded: [])
        for (index, rung) in Rung.allCases.enumerated() {
            let answer = Answer(
                user: index % 2 == 0 ? try userID("u:1@x") : nil, generation: Self.generation,
                blend: Blend.allCases[index], rung: rung,
                onlineAsOf: index < 2 ? StreamID(milliseconds: 1_700_000_000_000, sequence: 7) : nil,
                isStale: index % 3 == 0, places: Blend.interleave.places(count, from: input), explanation: nil)
            var writer = JSONWriter()
            answer.write(to: &writer)
            #expect(String(buffer: answer.plainBytes) == String(decoding: writer.bytes, as: UTF8.self))
        }
    }
}
