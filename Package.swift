// swift-tools-version: 6.3
// Freshet: one executable, one library target per role, small shared targets below them.
// A role never imports another role; Tests/HouseTests reads the sources and says so.

import PackageDescription

/// What every Swift target is compiled with.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// Targets that never touch a C pointer also say so to the compiler.
let memorySafe: [SwiftSetting] = strict + [.strictMemorySafety()]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioConcurrency = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioTLS = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

/// What a role (a long-running part of the system) is built from.
let role: [Target.Dependency] = [
    "Models", "Stores", "Settings", "Telemetry", "WebService", "Embedded", "Loops", logging, lifecycle, hummingbird,
    httpTypes,
    nioCore,
]

/// What a role's tests are built from.
let roleTests: [Target.Dependency] = [
    "Models", "Ranking", "Stores", "Redis", "ObjectStore", "Settings", "Telemetry", "WebService", "TestServers",
    "Fixtures",
    logging, lifecycle, hummingbird, hummingbirdTesting, httpTypes, nioCore,
]

let package = Package(
    name: "freshet",
    products: [
        .executable(name: "freshet", targets: ["Freshet"]),
        .executable(name: "freshet-bench", targets: ["FreshetBench"]),
        .executable(name: "freshet-training-bench", targets: ["FreshetTrainingBench"]),
    ],
    dependencies: [
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: ["ConfigurationSupport"]),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        // The C edges.
        .systemLibrary(name: "CHiredis", path: "Sources/Shared/CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .target(
            name: "CCurl", path: "Sources/Shared/CCurl",
            linkerSettings: [.linkedLibrary("curl"), .linkedLibrary("crypto"), .linkedLibrary("z")]),
        .systemLibrary(name: "CXGBoost", path: "Sources/Shared/CXGBoost", providers: [.apt(["libxgboost-dev"])]),
        .systemLibrary(name: "COpenBLAS", path: "Sources/Shared/COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
        .target(name: "CKernels", path: "Sources/Shared/CKernels", linkerSettings: [.linkedLibrary("m")]),
        .target(name: "CEmbedded", path: "Sources/Shared/CEmbedded", exclude: ["swagger-ui", "openapi", "console"]),
        .target(
            name: "Embedded", dependencies: ["CEmbedded"], path: "Sources/Shared/Embedded", swiftSettings: strict),

        // Shared: pure values and algorithms.
        .target(name: "Models", path: "Sources/Shared/Models", swiftSettings: memorySafe),
        .target(name: "Ranking", dependencies: ["Models"], path: "Sources/Shared/Ranking", swiftSettings: memorySafe),
        .target(
            name: "Learning", dependencies: ["Models", "COpenBLAS", "CXGBoost", "CKernels"],
            path: "Sources/Shared/Learning",
            swiftSettings: strict),

        // Shared: the outside world.
        .target(
            name: "Redis",
            dependencies: ["CHiredis", nioCore, nioPosix, nioConcurrency, nioTLS, coreMetrics, logging, lifecycle],
            path: "Sources/Shared/Redis", swiftSettings: strict),
        .target(
            name: "ObjectStore", dependencies: ["CCurl", coreMetrics, logging],
            path: "Sources/Shared/ObjectStore", swiftSettings: strict),
        .target(
            name: "Stores",
            dependencies: [
                "Models", "Ranking", "Redis", "ObjectStore", "Embedded", "Telemetry", nioCore, logging, lifecycle,
            ],
            path: "Sources/Shared/Stores", swiftSettings: strict),
        .target(
            name: "Telemetry", dependencies: [coreMetrics, logging], path: "Sources/Shared/Telemetry",
            swiftSettings: memorySafe),
        .target(
            name: "Tracking",
            dependencies: ["ObjectStore", "Settings", "Stores", "Telemetry", "Loops", logging, lifecycle],
            path: "Sources/Shared/Tracking", swiftSettings: memorySafe),
        .target(name: "Loops", dependencies: [lifecycle], path: "Sources/Shared/Loops", swiftSettings: memorySafe),
        .target(
            name: "Settings", dependencies: ["Models", "Redis", "ObjectStore", configuration, logging],
            path: "Sources/Shared/Settings", swiftSettings: memorySafe),
        .target(
            name: "WebService",
            dependencies: [
                "Models", "Embedded", "Telemetry", hummingbird, hummingbirdCore, httpTypes, logging, nioCore, nioHTTP1,
                nioHTTPTypes,
                lifecycle,
            ],
            path: "Sources/Shared/WebService", swiftSettings: strict),
        .target(
            name: "WebClient", dependencies: [nioCore, nioHTTP1, nioPosix],
            path: "Sources/Shared/WebClient", swiftSettings: memorySafe),

        // Roles.
        .target(
            name: "EventIngest", dependencies: role, path: "Sources/Producers/EventIngest", swiftSettings: memorySafe),
        .target(
            name: "SampleData", dependencies: ["Models"],
            path: "Sources/Producers/SampleData", swiftSettings: memorySafe),
        .target(
            name: "Workload", dependencies: ["Models", "Stores", "WebClient", histogram, nioCore],
            path: "Sources/Producers/Workload", swiftSettings: memorySafe),
        .target(
            name: "Features", dependencies: role + ["Ranking"], path: "Sources/Consumers/Features",
            swiftSettings: memorySafe),
        .target(name: "Archiver", dependencies: role, path: "Sources/Consumers/Archiver", swiftSettings: memorySafe),
        .target(name: "Loader", dependencies: role, path: "Sources/Consumers/Loader", swiftSettings: memorySafe),
        .target(
            name: "Trainer", dependencies: role + ["Learning", "Tracking"],
            path: "Sources/Consumers/Trainer", swiftSettings: memorySafe),
        .target(name: "Gateway", dependencies: role + ["Ranking"], path: "Sources/Gateway", swiftSettings: memorySafe),

        // The command.
        .target(
            name: "Bootstrap",
            dependencies: [
                "Stores", "Redis", "ObjectStore", "Settings", "Telemetry", "Embedded", configuration, systemPackage,
                logging,
                lifecycle, unixSignals,
            ],
            path: "Sources/Shared/Bootstrap", swiftSettings: strict),
        .executableTarget(
            name: "Freshet",
            dependencies: [
                "Bootstrap", "EventIngest", "SampleData", "Features", "Archiver", "Loader", "Trainer", "Gateway",
                "Workload", "WebClient", "Stores", "Redis", "ObjectStore", "Settings", "Telemetry", "Tracking",
                "WebService", "Ranking",
                "Models", coreMetrics, arguments, logging, lifecycle,
            ],
            path: "Sources/Freshet", swiftSettings: strict,
            // Answers of a few kilobytes are made and let go at a high rate, where glibc's allocator merges and splits.
            linkerSettings: [.linkedLibrary("jemalloc")]),

        // make bench.
        .executableTarget(
            name: "FreshetBench",
            dependencies: [
                "Bootstrap", "Stores", "Redis", "Models", "Telemetry", arguments, hummingbird, logging, lifecycle,
            ],
            path: "Benchmarks/FreshetBench", swiftSettings: strict),

        // make bench-training.
        .executableTarget(
            name: "FreshetTrainingBench", dependencies: ["Learning"], path: "Benchmarks/training",
            exclude: ["implicit_als.py", "requirements.txt"], swiftSettings: strict),

        // Tests. TestServers starts the real servers that they run against.
        .target(name: "TestServers", path: "Tests/TestServers", swiftSettings: strict),
        .target(
            name: "Fixtures", dependencies: ["Models", "Stores", "Redis", "ObjectStore", "TestServers", logging],
            path: "Tests/Fixtures", swiftSettings: strict),
        .testTarget(name: "HouseTests", path: "Tests/HouseTests", swiftSettings: strict),
        .testTarget(
            name: "DeployTests", dependencies: ["TestServers", "Fixtures", "WebClient"], path: "Tests/DeployTests",
            exclude: ["Image/Dockerfile"], swiftSettings: strict),
        .testTarget(name: "ModelsTests", dependencies: ["Models"], path: "Tests/ModelsTests", swiftSettings: strict),
        .testTarget(
            name: "RankingTests", dependencies: ["Ranking", "Models"], path: "Tests/RankingTests", swiftSettings: strict
        ),
        .testTarget(
            name: "LearningTests", dependencies: ["Learning", "Models", "SampleData"], path: "Tests/LearningTests",
            swiftSettings: strict),
        .testTarget(
            name: "SampleDataTests", dependencies: ["SampleData", "Learning", "Models"], path: "Tests/SampleDataTests",
            swiftSettings: strict),
        .testTarget(
            name: "RedisTests",
            dependencies: [
                "Redis", "TestServers", "Fixtures", nioCore, nioPosix, nioEmbedded, nioConcurrency, nioTLS, logging,
                lifecycle,
            ],
            path: "Tests/RedisTests", swiftSettings: strict),
        .testTarget(
            name: "ObjectStoreTests", dependencies: ["ObjectStore", "TestServers", logging],
            path: "Tests/ObjectStoreTests", swiftSettings: strict),
        .testTarget(
            name: "TelemetryTests", dependencies: ["Telemetry", "TestServers", "Fixtures", coreMetrics, logging],
            path: "Tests/TelemetryTests", swiftSettings: strict),
        .testTarget(
            name: "WebServiceTests",
            dependencies: [
                "WebService", "Embedded", "Telemetry", hummingbird, hummingbirdTesting, httpTypes, logging, nioCore,
                nioPosix,
                nioEmbedded, lifecycle,
            ],
            path: "Tests/WebServiceTests", swiftSettings: strict),
        .testTarget(
            name: "WebClientTests", dependencies: ["WebClient", "TestServers", nioCore],
            path: "Tests/WebClientTests", swiftSettings: strict),
        .testTarget(
            name: "StoresTests", dependencies: roleTests, path: "Tests/StoresTests", swiftSettings: strict),
        .testTarget(
            name: "TrackingTests", dependencies: ["Tracking"] + roleTests, path: "Tests/TrackingTests",
            swiftSettings: strict),
        .testTarget(
            name: "EventIngestTests", dependencies: ["EventIngest"] + roleTests, path: "Tests/EventIngestTests",
            swiftSettings: strict),
        .testTarget(
            name: "WorkloadTests", dependencies: ["Workload", "WebClient"] + roleTests,
            path: "Tests/WorkloadTests", swiftSettings: strict),
        .testTarget(
            name: "FeaturesTests", dependencies: ["Features"] + roleTests, path: "Tests/FeaturesTests",
            swiftSettings: strict),
        .testTarget(
            name: "ArchiverTests", dependencies: ["Archiver", "Learning"] + roleTests, path: "Tests/ArchiverTests",
            swiftSettings: strict),
        .testTarget(
            name: "LoaderTests", dependencies: ["Loader"] + roleTests, path: "Tests/LoaderTests", swiftSettings: strict),
        .testTarget(
            name: "TrainerTests", dependencies: ["Trainer", "SampleData", "Learning", "Tracking"] + roleTests,
            path: "Tests/TrainerTests", swiftSettings: strict),
        .testTarget(
            name: "GatewayTests", dependencies: ["Gateway"] + roleTests, path: "Tests/GatewayTests",
            swiftSettings: strict),
        .testTarget(
            name: "SystemTests", dependencies: ["Freshet", "WebClient", nioHTTP1, nioPosix] + roleTests,
            path: "Tests/SystemTests",
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
