// What operators of such systems used to type, and what the README says that it is here: every target, command, option,
// service, profile and setting in that table exists. Tests/SystemTests/VerbTests.swift runs what runs in a moment.

import Fixtures
import FoundationEssentials
import TestServers
import Testing

@Suite(.timeLimit(.minutes(2))) struct VerbTests {
    /// What stands in back-ticks and is no command of ours.
    private static let programs: Set = ["kill"]

    @Test func `every verb of old is there, and each has an answer`() throws {
        let verbs = try VerbTable.read()
        #expect(
            Set(verbs.map(\.name)).isSuperset(of: [
                "build_all", "run_serv", "mlf", "airup", "workload", "run_test", "test_service", "down_all",
            ]))
        for verb in verbs { #expect(!(verb.here + verb.inContainers).isEmpty, "\(verb) leads nowhere") }
    }

    @Test(arguments: try VerbTable.read())
    func `what the table says exists`(verb: Verb) async throws {
        let folder = try TemporaryFolder("verbs")
        defer { folder.remove() }
        for text in verb.here + verb.inContainers { try await check(text, in: folder) }
    }

    @Test func `the checks see what they look for`() async throws {
        let folder = try TemporaryFolder("verbs")
        defer { folder.remove() }
        let table = """
            | there | here | in containers |
            |---|---|---|
            | `go` | `make up`, and `freshet smoke` | |
            after
            """
        let verb = try #require(try VerbTable.rows(table).first)
        #expect(verb.name == "go" && verb.here == ["make up", "freshet smoke"] && verb.inContainers.isEmpty)
        for wrong in [
            "make nothing", "freshet fly", "freshet smoke --fast", "docker compose fly", "docker compose up --fast",
            "docker compose --profile nothing up -d", "docker compose run --rm nothing smoke",
            "docker compose run --rm freshet fly", "NO_SUCH_SETTING", "nothing",
        ] {
            await withKnownIssue { try await check(wrong, in: folder) }
        }
    }

    /// Whether a text in back-ticks is something that is there.
    private func check(_ text: String, in folder: TemporaryFolder) async throws {
        let words = text.split(separator: " ").map(String.init)
        switch words.first {
        case "make": try await checkMake(Array(words.dropFirst()), in: folder)
        case "freshet": try await checkFreshet(Array(words.dropFirst()), in: folder)
        case "docker" where words.dropFirst().first == "compose":
            try await checkCompose(Array(words.dropFirst(2)), in: folder)
        case let name? where words.count == 1 && !Self.programs.contains(name):
            if name.contains("_"), name == name.uppercased() {
                let template = try String(contentsOfFile: "\(ContainerFiles.project)/.env.template", encoding: .utf8)
                #expect(template.contains("#\(name)="), ".env.template lacks \(name)")
            } else {
                let services = try await services(["--profile", "*"], in: folder)
                #expect(services.contains(name), "compose.yaml has no service \(name)")
            }
        case let name?: #expect(Self.programs.contains(name), "what is \(text)?")
        case nil: break
        }
    }

    /// The target exists, and the programs and scripts behind it do, with the options that they are given.
    private func checkMake(_ arguments: [String], in folder: TemporaryFolder) async throws {
        for command in try await VerbTable.commands(ofMake: arguments, in: folder) {
            if command[0].hasSuffix("/freshet") {
                try await checkFreshet(Array(command.dropFirst()), in: folder)
            } else if command[0].hasPrefix("scripts/") {
                let path = "\(ContainerFiles.project)/\(command[0])"
                #expect(FileManager.default.isExecutableFile(atPath: path), "\(command[0]) is no program")
            }
        }
    }

    /// The command is there and has these options; asked for help it does nothing, and would take any option.
    private func checkFreshet(_ arguments: [String], in folder: TemporaryFolder) async throws {
        let result = try await ContainerFiles.run(try FreshetExecutable.path(), arguments + ["--help"], in: folder)
        let text = (["freshet"] + arguments).joined(separator: " ")
        #expect(result.status == .exited(0), "\(text): \(result.output)")
        // For a command that it does not know it shows its own help.
        let path = (["freshet"] + arguments.prefix { !$0.hasPrefix("-") }).joined(separator: " ")
        #expect(result.output.contains("USAGE: \(path)"), "there is no command \(path)")
        for option in arguments where option.hasPrefix("--") {
            #expect(result.output.contains(option), "\(path) has no \(option)")
        }
    }

    /// The subcommand takes these options; profile and services are in compose.yaml.
    private func checkCompose(_ words: [String], in folder: TemporaryFolder) async throws {
        let verbs: Set = ["build", "up", "down", "run", "stop", "exec", "logs"]
        let at = words.firstIndex(where: verbs.contains) ?? words.endIndex
        let (leading, verb, rest) = (Array(words[..<at]), words[safely: at], Array(words.dropFirst(at + 1)))
        let name = try #require(verb, "what is docker compose \(words.joined(separator: " "))?")
        let operands = rest.drop { $0.hasPrefix("-") }
        // Its command ends with status 0 in any case: what it prints is the judgement.
        let help = try await ContainerFiles.run(
            "docker-compose", leading + [name] + rest.prefix { $0.hasPrefix("-") } + ["--help"], in: folder)
        #expect(help.output.contains("Usage:") && !help.output.contains("unknown"), "\(help.output)")
        let plain = try await services([], in: folder)
        let here = try await services(leading, in: folder)
        if !leading.isEmpty { #expect(here.count > plain.count, "\(leading) adds no service") }
        if name == "run" {
            let service = try #require(operands.first)
            #expect(try await services(["--profile", "*"], in: folder).contains(service), "there is no \(service)")
            if service == "freshet" { try await checkFreshet(Array(operands.dropFirst()), in: folder) }
        } else {
            for service in operands { #expect(here.contains(service), "there is no service \(service)") }
        }
    }

    private func services(_ leading: [String], in folder: TemporaryFolder) async throws -> [String] {
        let result = try await ContainerFiles.run(
            "docker-compose", ["--env-file", "/dev/null"] + leading + ["config", "--services"],
            ContainerFiles.environment, in: folder)
        #expect(!result.output.contains("no such"), "\(result.output)")
        return result.output.split(separator: "\n").map(String.init)
    }
}

extension Array {
    /// The element there, or nil.
    fileprivate subscript(safely index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
