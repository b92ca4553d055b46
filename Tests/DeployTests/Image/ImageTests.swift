// The image really built and run: every role in a container of its own by compose.yaml as it is, with a real Redis and
// a real object store, from the first event to a graceful stop. Needs a container engine; says so where there is none.

import Fixtures
import FoundationEssentials
import NIOCore
import TestServers
import Testing
import WebClient

@Suite(.serialized, .timeLimit(.minutes(15))) struct ImageTests {
    @Test func `the image runs every role as compose.yaml says, and stops in order`() async throws {
        try await ContainerEngine.run { engine in
            let images = TestImages(engine: engine)
            try await images.build()
            try await checkImage(engine)
            let system = try ComposedSystem(engine: engine)
            do {
                try await system.start()
                try await checkRights(system)
                try await train(system)
                let event = try await send(system)
                try await checkOperators(system)
                try await checkStop(system)
                try await checkNothingIsLost(system, event)
            } catch {
                print(try await system.compose("logs", "--tail", "20").output)
                await system.remove()
                throw error
            }
            await system.remove()
            try await images.removeOurs()
        }
    }

    /// The image by itself: its user, and that it starts with the least that a container can have.
    private func checkImage(_ engine: ContainerEngine) async throws {
        let facts = try await engine.docker(
            "image", "inspect", "--format", "{{.Config.User}} {{json .Config.Entrypoint}}", TestImages.freshet)
        #expect(facts.output.hasPrefix(#"10001 ["freshet"]"#), "\(facts.output)")
        let help = try await engine.docker(
            "run", "--rm", "--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt",
            "no-new-privileges:true", TestImages.freshet)
        #expect(help.isSuccess && help.output.contains("freshet <subcommand>"), "\(help.output)")
        let unknown = try await engine.docker("run", "--rm", "--network", "none", TestImages.freshet, "fly")
        #expect(unknown.status == .exited(64), "\(unknown.output)")
    }

    /// No role may do anything but its work, and what is said in the file holds in the kernel.
    private func checkRights(_ system: ComposedSystem) async throws {
        for role in ComposedSystem.roles {
            let status = try await system.compose(
                "exec", "-T", role, "sh", "-c", "id -u; grep -E '^(NoNewPrivs|CapEff|CapBnd)' /proc/1/status")
            let words = status.output.split(whereSeparator: \.isWhitespace)
            let expected = ["10001", "CapEff:", "0000000000000000", "CapBnd:", "0000000000000000", "NoNewPrivs:", "1"]
            #expect(words.suffix(7).map(String.init) == expected, "\(role): \(status.output)")
            let written = try await system.compose("exec", "-T", role, "touch", "/var/lib/freshet/mark")
            #expect(written.output.contains("Read-only file system"), "\(role): \(written.output)")
        }
        let mark = try await system.compose("exec", "-T", "gateway", "sh", "-c", "touch /tmp/mark && ls /tmp")
        #expect(mark.output.contains("mark"), "\(mark.output)")
    }

    /// A log, lists and a generation, as the README says to do it.
    private func train(_ system: ComposedSystem) async throws {
        let data = try await system.operate("sample-data", "--users", "60", "--items", "40", "--events", "800")
        try #require(data.output.contains("wrote 800 events"), "\(data.output)")
        let training = try await system.operate("train", "run")
        try #require(training.output.contains("published release"), "\(training.output)")
        try await eventually("the gateway is ready", seconds: 60) {
            try await system.ask("GATEWAY_PORT", .get("/readyz")).status == 200
        }
    }

    /// An event by HTTP, and the answer that knows it; the event's id.
    private func send(_ system: ComposedSystem) async throws -> String {
        let event = #"{"user_id":"ann","item_id":"7"}"#
        let accepted = try await system.ask(
            "INGEST_PORT", .post("/v1/events", body: ByteBuffer(string: event)))
        let id = try #require(accepted.text.firstMatch(of: /"ids":\["([0-9-]+)"\]/)?.1, "\(accepted.text)")
        let answer = try await system.ask(
            "GATEWAY_PORT", .get("/v1/recommendations/ann?k=5&after=\(id)&wait_ms=5000"))
        #expect(answer.text.contains(#""online_as_of":"\#(id)","stale":false"#), "\(answer.text)")
        #expect(answer.text.contains(#""served_by":"full""#) && answer.text.contains(#""source":"online""#))
        return String(id)
    }

    /// The operator's commands in the image find everything by the services' names.
    private func checkOperators(_ system: ComposedSystem) async throws {
        let doctor = try await system.operate("doctor", "--strict")
        #expect(doctor.output.contains("0 warning, 0 failure"), "\(doctor.output)")
        for role in ComposedSystem.roles {
            #expect(doctor.output.contains("http://\(role):"), "\(role): \(doctor.output)")
        }
        let smoke = try await system.operate("smoke")
        #expect(smoke.output.contains("all four users as promised"), "\(smoke.output)")
    }

    /// Every role ends by itself when it is told to; a status of 137 would be the engine's patience at its end.
    private func checkStop(_ system: ComposedSystem) async throws {
        _ = try await system.compose("stop")
        for service in ComposedSystem.services {
            let state = try await system.inspect(service, "{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}}")
            #expect(state == "exited 0 false", "\(service) ended otherwise")
        }
    }

    /// Started again, it knows what it knew.
    private func checkNothingIsLost(_ system: ComposedSystem, _ event: String) async throws {
        try await system.start()
        let answer = try await system.ask("GATEWAY_PORT", .get("/v1/recommendations/ann/online?explain=true"))
        #expect(answer.text.contains(event), "\(answer.text)")
        let doctor = try await system.operate("doctor")
        #expect(doctor.output.contains(" 0 failure"), "\(doctor.output)")
    }
}
