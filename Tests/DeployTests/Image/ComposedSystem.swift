// compose.yaml as it is, on the images of the test: everything that differs is said by the variables that it reads.

import Fixtures
import FoundationEssentials
import TestServers
import Testing
import WebClient

/// The running services of one project.
struct ComposedSystem: Sendable {
    /// Redis, the object store and every role; Prometheus and Grafana have images of their own makers.
    static let services = ["redis", "seaweedfs"] + roles
    static let roles = ["ingest", "features", "archive", "loader", "trainer", "gateway"]

    let engine: ContainerEngine
    let name: String
    let ports: [String: Int]
    private let environment: [String: String]

    init(engine: ContainerEngine) throws {
        self.engine = engine
        name = "freshet-test-\(UInt32.random(in: .min ... .max))"
        var ports: [String: Int] = [:]
        for name in ["GATEWAY_PORT", "FEATURES_PORT", "INGEST_PORT", "REDIS_PORT"] { ports[name] = try FreePort.find() }
        self.ports = ports
        environment = ContainerFiles.environment.merging(ports.mapValues { "\($0)" }) { $1 }.merging([
            "FRESHET_IMAGE": TestImages.freshet, "REDIS_IMAGE": TestImages.redis,
            "SEAWEEDFS_IMAGE": TestImages.seaweedfs, "S3_SECRET_ACCESS_KEY": "secret12", "ADMIN_TOKEN": "",
        ]) { $1 }
    }

    /// Not what somebody's .env says.
    private var leading: [String] { ["--env-file", "/dev/null", "--project-name", name] }

    /// Runs a command of docker-compose. The packaged one ends with status 0 in any case: what it prints, and what the
    /// engine knows, is the judgement.
    func compose(_ arguments: String..., withinMs: Int = 300_000) async throws -> ContainerEngine.Result {
        try await engine.command(
            try ServerProgram.find("docker-compose"), leading + arguments, environment: environment,
            withinMs: withinMs)
    }

    /// Starts everything and waits until it is healthy.
    func start() async throws {
        let up = try await engine.command(
            try ServerProgram.find("docker-compose"), leading + ["up", "-d", "--wait"] + Self.services,
            environment: environment)
        for service in Self.services {
            let health = try await inspect(service, "{{.State.Health.Status}}")
            guard health == "healthy" else {
                throw TestServerError("\(service) is \(health): \(up.output)\n\(try await compose("logs").output)")
            }
        }
    }

    /// What an operator says, in a container of its own.
    func operate(_ arguments: String...) async throws -> ContainerEngine.Result {
        try await engine.command(
            try ServerProgram.find("docker-compose"),
            leading + ["run", "--rm", "-T", "freshet"] + arguments,
            environment: environment)
    }

    /// The container of a service.
    func container(_ service: String) async throws -> String {
        let found = try await engine.docker(
            "ps", "--all", "--quiet", "--no-trunc", "--filter", "label=com.docker.compose.project=\(name)", "--filter",
            "label=com.docker.compose.service=\(service)", "--filter", "label=com.docker.compose.oneoff=False")
        return found.output.filter { !$0.isWhitespace }
    }

    /// A fact about a service's container, by a template of `docker inspect`.
    func inspect(_ service: String, _ template: String) async throws -> String {
        let found = try await engine.docker("inspect", "--format", template, try await container(service))
        return found.output.split(separator: "\n").first.map(String.init) ?? ""
    }

    /// Asks a service at its published port.
    func ask(_ port: String, _ request: WebRequest) async throws -> WebAnswer {
        guard let number = ports[port] else { throw TestServerError("\(port) is not published") }
        return try await WebConnection.with(WebAddress(host: "127.0.0.1", port: number)) { try await $0.send(request) }
    }

    /// Ends everything and removes its data.
    func remove() async { _ = try? await compose("down", "--volumes", "--timeout", "1") }
}
