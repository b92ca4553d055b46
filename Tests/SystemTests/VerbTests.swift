// What operators of such systems used to type, done with what the README says that it is here, one after the other on
// one running system. Tests/DeployTests/VerbTests.swift has what takes long, or needs containers.

import Fixtures
import TestServers
import Testing
import WebClient

extension WholeSystem {
    @Suite(.timeLimit(.minutes(4))) struct `The verbs of old` {
        /// A moment of the classic load instead of a quarter of an hour.
        private static let options = "OPTIONS=--duration 2 --rate 20"

        @Test func `start, look, load, train and stop as the README's table says`() async throws {
            let verbs = try VerbTable.read()
            let start = try #require(verbs.first { $0.name == "run_serv" })
            try await withUp { up in
                let folder = try TemporaryFolder("verbs")
                defer { folder.remove() }
                for text in start.here {
                    #expect(try await Self.commands(text, folder) == [["up"]], "\(text) starts something else")
                }
                try await up.start()
                var done: [String] = []
                for verb in verbs {
                    for text in verb.here {
                        for command in try await Self.commands(text, folder) where command != ["up"] {
                            _ = try await up.command(command)
                            done.append(verb.name)
                        }
                    }
                }
                #expect(Set(done).isSuperset(of: ["workload", "test_service"]), "\(done)")
                #expect(try await HTTP.get(up.gatewayPort, "/readyz").status == 200)
                let stop = try #require(verbs.first { $0.name == "down_all" })
                #expect(stop.here == ["kill"])
                #expect(await up.stop(signal: 15) == .exited(0), "\(up.log)")
            }
        }

        /// The words behind `freshet` in the commands that a text stands for; none if it stands for something else.
        private static func commands(_ text: String, _ folder: TemporaryFolder) async throws -> [[String]] {
            let words = text.split(separator: " ").map(String.init)
            switch words.first {
            case "freshet": return [Array(words.dropFirst())]
            case "make":
                return try await VerbTable.commands(ofMake: words.dropFirst() + [options], in: folder)
                    .filter { $0[0].hasSuffix("/freshet") }.map { Array($0.dropFirst()) }
            default: return []
            }
        }
    }
}
