// What is loaded, what is live and who serves it; and making a loaded generation live by its number.

import ArgumentParser
import Settings
import Stores
import Telemetry

struct GenerationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generations", abstract: "List the generations in Redis and who serves which.",
        subcommands: [ActivateCommand.self])

    func run() async throws {
        let context = try await OperatorContext.load()
        try await context.withRedis { stores in
            let active = try await stores.generations.active()
            let previous = try await stores.generations.previous()
            let all = try await stores.generations.all()
            guard !all.isEmpty else {
                return print("no generation is loaded; `freshet reload` loads the newest release")
            }
            var table = TextTable(["generation", "state", "release", "loaded", "load ms", "users", "items", "note"])
            for info in all {
                let note = Self.note(info, active: active, previous: previous)
                let loadedMs = info.fields["loaded_at_ms"].flatMap { Int64($0) }
                table.add([
                    "\(info.generation)", info.state, info.release,
                    loadedMs.map { UTCTime.text(milliseconds: $0) } ?? "-", info.fields["load_ms"] ?? "-",
                    info.fields["offline"] ?? "-", info.fields["items"] ?? "-", note,
                ])
            }
            print(table.text)
            guard let active else { return }
            let acknowledgements = try await stores.instances.acknowledgements(of: active)
            for instance in try await stores.instances.alive(nowMs: UTCTime.nowMs()) {
                print("\(instance): \(acknowledgements[instance] == nil ? "not yet on" : "on") generation \(active)")
            }
        }
    }

    private static func note(_ info: GenerationInfo, active: Int?, previous: [Int]) -> String {
        if info.generation == active { return "live" }
        if info.state == "waiting" { return "waits for `freshet release approve`" }
        if info.fields["withdrawn_at_ms"] != nil { return "taken back; `freshet release report` says why" }
        return info.generation == previous.first ? "rollback goes here" : ""
    }
}

struct ActivateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "activate", abstract: "Make a loaded generation live.")

    @Argument(help: "The generation's number.") var generation: Int

    func run() async throws {
        let context = try await OperatorContext.load()
        let kept = try LoaderSettings(context.reader).generationsKept
        let generation = generation
        try await context.withRedis { stores in
            try await stores.generations.activate(generation, kept: kept, nowMs: UTCTime.nowMs())
            print("generation \(generation) is live")
        }
    }
}
