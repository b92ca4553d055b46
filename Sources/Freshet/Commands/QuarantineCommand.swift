// What could not be applied, for the person who finds out why.

import ArgumentParser
import Stores

struct QuarantineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine", abstract: "List the newest entries that could not be applied, with their reasons.")

    @Option(help: "How many, 1 to 10000.") var count = 20

    func validate() throws {
        guard (1...10_000).contains(count) else { throw ValidationError("--count must be 1 to 10000") }
    }

    func run() async throws {
        let count = count
        try await OperatorContext.load().withRedis { stores in
            let entries = try await stores.events.quarantined(countMax: count)
            if entries.isEmpty { print("the quarantine is empty") }
            for entry in entries {
                // What stands in an entry came from outside: quoted, it cannot move the cursor or forge a line.
                print(
                    "\(entry.id) "
                        + entry.fields.map { "\($0.name.debugDescription)=\($0.value.debugDescription)" }
                        .joined(separator: " "))
            }
        }
    }
}
