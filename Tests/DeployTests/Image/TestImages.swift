// The images of the test: ours by the script that people use, out of the binary that the tests have, and those of the
// servers. Nothing is pulled where Debian can be put together from its packages.

import FoundationEssentials
import Glibc
import TestServers
import Testing

/// Builds what compose.yaml needs.
struct TestImages: Sendable {
    static let freshet = "freshet-test"
    static let redis = "freshet-test-redis"
    static let seaweedfs = "freshet-test-seaweedfs"
    private static let debian = "freshet-test-debian"
    private static let runtime = "freshet-test-runtime"
    /// What an unpacked Debian takes, in bytes.
    private static let debianBytes = 1 << 30

    let engine: ContainerEngine

    /// Builds all, or cancels the test where this engine cannot run a container or reach Debian's mirrors: whatever
    /// fails after that is ours.
    func build() async throws {
        try await findDebian()
        let probe = try await engine.docker("run", "--rm", "--network", "none", Self.debian, "true")
        guard probe.isSuccess else {
            try Test.cancel("the engine here runs no container: \(ContainerEngine.lastWords(probe.output))")
        }
        let context = engine.folder.appending("servers")
        try FileManager.default.createDirectory(atPath: "\(context)/swift", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: try ServerProgram.find("weed"), toPath: "\(context)/weed")
        for library in try await swiftLibraries() {
            let name = URL(filePath: library).lastPathComponent
            try FileManager.default.copyItem(atPath: library, toPath: "\(context)/swift/\(name)")
        }
        for (target, image) in [("redis", Self.redis), ("seaweedfs", Self.seaweedfs), ("runtime", Self.runtime)] {
            let built = try await engine.docker(
                "build", "--network", "host", "--build-arg", "BASE_IMAGE=\(Self.debian)", "--target", target, "--tag",
                image, "--file", "Tests/DeployTests/Image/Dockerfile", context)
            guard built.isSuccess else {
                try Test.cancel("no images of the servers: \(ContainerEngine.lastWords(built.output))")
            }
        }
        let ours = try await engine.command(
            "scripts/build-image", [try FreshetExecutable.path()],
            environment: ["RUN_IMAGE": Self.runtime, "FRESHET_IMAGE": Self.freshet, "BUILD_NETWORK": "host"])
        try #require(ours.isSuccess, "\(ours.output)")
    }

    /// Leaves what the next run would build again from the same, and removes the rest.
    func removeOurs() async throws { _ = try await engine.docker("image", "rm", "--force", Self.freshet) }

    /// A Debian 12 without anything: the one of the last run, one put together from packages, or one that is pulled.
    private func findDebian() async throws {
        if try await engine.docker("image", "inspect", Self.debian).isSuccess { return }
        if ServerProgram.isThere("mmdebstrap") {
            let archive = engine.folder.appending("debian.tar")
            // In memory it takes a third of the time; not every machine lets programs run from there.
            for folder in [Self.memoryFolder, engine.folder.path].compactMap(\.self) {
                let made = try await engine.command(
                    "mmdebstrap", ["--variant=minbase", "--quiet", "bookworm", archive], environment: ["TMPDIR": folder]
                )
                guard made.isSuccess else { continue }
                let imported = try await engine.docker("import", archive, Self.debian)
                try? FileManager.default.removeItem(atPath: archive)
                if imported.isSuccess { return }
            }
        }
        let pulled = try await engine.docker("pull", "debian:12-slim", withinMs: 120_000)
        guard pulled.isSuccess, try await engine.docker("tag", "debian:12-slim", Self.debian).isSuccess else {
            try Test.cancel(
                """
                no Debian to build on: Debian's package mmdebstrap is not there or fails, and nothing can be pulled: \
                \(ContainerEngine.lastWords(pulled.output))
                """)
        }
    }

    /// Where files are in memory, if there is room for a Debian.
    private static var memoryFolder: String? {
        var figures = statvfs()
        let folder = "/dev/shm"
        guard statvfs(folder, &figures) == 0 else { return nil }
        return Int(figures.f_bavail) * Int(figures.f_frsize) > debianBytes ? folder : nil
    }

    /// The libraries of Swift's runtime that the binary is linked with.
    private func swiftLibraries() async throws -> [String] {
        let linked = try await engine.command("ldd", [try FreshetExecutable.path()])
        return linked.output.matches(of: /=> (\S+\/swift\/linux\/\S+)/).map { String($0.1) }
    }
}
