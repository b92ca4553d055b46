// The container files without an engine: their form, what they name, and the one script in them, run on a real Redis.

import Fixtures
import FoundationEssentials
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1))) struct ContainerFileTests {
    private struct Composition: Decodable {
        struct Service: Decodable {
            struct Port: Decodable {
                let target: Int
                let published: String?
            }
            let command: [String]?
            let environment: [String: String?]?
            let ports: [Port]?
            let user: String?
            let image: String
            let read_only: Bool?
        }
        let services: [String: Service]
    }

    private func composition(in folder: TemporaryFolder) async throws -> Composition {
        let (status, output) = try await ContainerFiles.run(
            "docker-compose", ["--profile", "*", "config", "--format", "json"],
            ContainerFiles.environment.merging(["MLFLOW_TRACKING_URI": "http://mlflow:5000"]) { $1 }, in: folder)
        try #require(status == .exited(0), "\(output)")
        return try JSONDecoder().decode(Composition.self, from: Data(output.utf8))
    }

    private func withFolder(_ body: (TemporaryFolder) async throws -> Void) async throws {
        let folder = try TemporaryFolder("deploy")
        defer { folder.remove() }
        try await body(folder)
    }

    @Test func `compose.yaml is well-formed, and names what is missing`() async throws {
        try await withFolder { folder in
            let good = try await ContainerFiles.run(
                "docker-compose", ["config", "-q"], ContainerFiles.environment, in: folder)
            // The packaged command ends with status 0 in any case: what it prints is the judgement.
            #expect(good.status == .exited(0) && good.output.isEmpty, "\(good.output)")
            for name in ContainerFiles.environment.keys {
                var incomplete = ContainerFiles.environment
                incomplete[name] = ""
                let bad = try await ContainerFiles.run("docker-compose", ["config", "-q"], incomplete, in: folder)
                #expect(bad.output.contains("required variable \(name) is missing"), "\(bad.output)")
            }
        }
    }

    @Test func `every role is there, as its own Redis user, on its classic port`() async throws {
        try await withFolder { folder in
            let services = try await composition(in: folder).services
            for (role, port) in [
                ("gateway", 8090), ("features", 8091), ("ingest", 8092), ("archive", nil), ("loader", nil),
            ] as [(String, Int?)] {
                let service = try #require(services[role])
                #expect(service.command == [role])
                #expect(service.ports?.map(\.target) ?? [] == [port].compactMap(\.self))
                let password = try #require(ContainerFiles.environment["\(role.uppercased())_PASSWORD"])
                #expect(service.environment?["REDIS_URL"] == "redis://\(role):\(password)@redis:6379")
                #expect(service.read_only == true)
                let others = ContainerFiles.environment.filter { $0.key.hasSuffix("_PASSWORD") && $0.value != password }
                for value in (service.environment ?? [:]).values.compactMap(\.self) {
                    #expect(!others.values.contains { value.contains($0) }, "\(role) is told another's password")
                }
            }
            #expect(services["mlflow"]?.ports?.map(\.target) == [5000])
            #expect(services["mlflow-database"]?.ports == nil)
            for name in ["trainer", "freshet"] {
                #expect(services[name]?.environment?["MLFLOW_TRACKING_URI"] == "http://mlflow:5000", "\(name)")
            }
            #expect(services["redis"]?.user == "redis")
            #expect(services["prometheus"]?.ports?.map(\.target) == [9090])
            #expect(services["grafana"]?.ports?.map(\.target) == [3000])
        }
    }

    @Test(arguments: [
        ("mlflow", ["mlflow", "mlflow-database"]),
        ("airflow", ["airflow", "airflow-scheduler", "airflow-dag-processor", "airflow-database"]),
    ])
    func `MLflow and Airflow are only there if asked for`(profile: String, parts: [String]) async throws {
        try await withFolder { folder in
            for (profiles, isThere) in [([], false), (["--profile", profile], true)] {
                let (status, output) = try await ContainerFiles.run(
                    "docker-compose", profiles + ["config", "--services"], ContainerFiles.environment, in: folder)
                let services = output.split(separator: "\n").map(String.init)
                #expect(status == .exited(0) && services.contains("trainer"), "\(output)")
                #expect(parts.filter(services.contains) == (isThere ? parts : []))
            }
        }
    }

    @Test func `of Airflow's parts only the scheduler can log in to Redis, as the user airflow`() async throws {
        try await withFolder { folder in
            let services = try await composition(in: folder).services
            let password = try #require(ContainerFiles.environment["AIRFLOW_PASSWORD"])
            #expect(
                services["airflow-scheduler"]?.environment?["AIRFLOW_CONN_FRESHET_REDIS"]
                    == "redis://airflow:\(password)@redis:6379")
            for (name, service) in services where name.hasPrefix("airflow") {
                let told = (service.environment ?? [:]).values.compactMap(\.self).filter { value in
                    ContainerFiles.passwords.contains { ContainerFiles.environment[$0].map(value.contains) == true }
                }
                #expect(told.count == (name == "airflow-scheduler" ? 1 : 0), "\(name) is told \(told)")
            }
            #expect(services["airflow"]?.ports?.map(\.target) == [8080])
            #expect(services["airflow-database"]?.ports == nil)
        }
    }

    @Test func `the DAG is written as Python should be`() async throws {
        try await withFolder { folder in
            for arguments in [["check"], ["format", "--check"]] {
                let ruff = try await ContainerFiles.run(
                    "ruff", arguments + ["--no-cache", "deploy/airflow"], in: folder)
                #expect(ruff.status == .exited(0), "\(ruff.output)")
            }
        }
    }

    @Test func `every file that is mounted is there, and Prometheus is told of every role that has a port`() throws {
        let compose = try String(contentsOfFile: "\(ContainerFiles.project)/compose.yaml", encoding: .utf8)
        let mounts = compose.matches(of: /- \.\/([^:]+):/).map { String($0.1) }
        #expect(mounts.count > 5)
        for mount in mounts {
            #expect(
                FileManager.default.fileExists(atPath: "\(ContainerFiles.project)/\(mount)"), "\(mount) is not there")
        }
        let targets = try String(
            contentsOfFile: "\(ContainerFiles.project)/deploy/prometheus/targets-compose/freshet.yml", encoding: .utf8)
        for role in ["gateway:8090", "features:8091", "ingest:8092", "loader:8093", "archive:8094"] {
            #expect(targets.contains("- \(role)\n"))
        }
    }

    @Test func `every setting that compose.yaml passes on is in .env.template`() throws {
        let compose = try String(contentsOfFile: "\(ContainerFiles.project)/compose.yaml", encoding: .utf8)
        let template = try String(contentsOfFile: "\(ContainerFiles.project)/.env.template", encoding: .utf8)
        let names = Set(compose.matches(of: /[^$]\$\{([A-Z0-9_]+)/).map { String($0.1) })
        #expect(names.count > 20)
        for name in names.sorted() where name != "NIO_SINGLETON_GROUP_LOOP_COUNT" {
            #expect(template.contains("#\(name)="), ".env.template lacks \(name)")
        }
    }

    @Test func `Redis starts as the container starts it, and every user can log in`() async throws {
        try await withFolder { folder in
            let script = try #require(try await composition(in: folder).services["redis"]?.command?.first)
            let port = try FreePort.find()
            let here =
                script.replacing("$$", with: "$").replacing("/etc/freshet", with: "\(ContainerFiles.project)/redis")
                .replacing("/data", with: folder.path) + " --port \(port) --bind 127.0.0.1"
            let child = try ChildProcess.spawn(
                "/bin/sh", ["-ec", here.replacing("\n --port", with: " --port")],
                environment: ContainerFiles.environment,
                workingDirectory: folder.path, logFile: folder.appending("redis.log"))
            for name in ContainerFiles.passwords {
                let user = name.dropLast("_PASSWORD".count).lowercased()
                let password = try #require(ContainerFiles.environment[name])
                try await eventually("\(user) logs in: \(child.log())") {
                    let (_, output) = try await ContainerFiles.run(
                        "redis-cli", ["-p", "\(port)", "--no-auth-warning", "--user", user, "-a", password, "PING"],
                        in: folder)
                    return output.contains("PONG")
                }
            }
            let (_, stranger) = try await ContainerFiles.run("redis-cli", ["-p", "\(port)", "PING"], in: folder)
            #expect(stranger.contains("NOAUTH"))
            await child.kill()
        }
    }

    @Test func `the Dockerfile is as good ones are, and ends as a user without rights`() async throws {
        try await withFolder { folder in
            let files = [
                "deploy/Dockerfile", "deploy/Dockerfile.prebuilt", "deploy/mlflow/Dockerfile",
                "deploy/airflow/Dockerfile", "Tests/DeployTests/Image/Dockerfile",
            ]
            for file in files {
                let lint = try await ContainerFiles.run("hadolint", [file], in: folder)
                #expect(lint.status == .exited(0), "\(lint.output)")
            }
            let file = try String(contentsOfFile: "\(ContainerFiles.project)/deploy/Dockerfile", encoding: .utf8)
            #expect(file.split(separator: "\n").last { $0.hasPrefix("USER ") } == "USER 10001")
            let build = try #require(file.split(separator: "FROM ${BUILD_IMAGE}").last)
            let needed = try String(
                contentsOfFile: "\(ContainerFiles.project)/scripts/install-dependencies", encoding: .utf8)
            let packages = try #require(needed.firstMatch(of: /run_packages=\(([^)]*)\)/)).1.split(separator: " ")
            for package in packages where package != "redis-server" && package != "curl" {
                #expect(build.contains(package), "the Dockerfile does not install \(package)")
            }
        }
    }
}
