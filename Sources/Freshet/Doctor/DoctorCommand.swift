// freshet doctor: everything that can be wrong with a system and that one can see from outside, each with what to do.

import ArgumentParser
import Bootstrap
import FoundationEssentials
import Settings
import Stores
import Telemetry

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at Redis, the object store and the roles, and say what is wrong and what to do.",
        discussion: """
            Writes nothing but one small object, which it removes. The exit status is 1 if something fails, with --strict \
            also if there are warnings.
            """)

    @Flag(help: "Print JSON.") var json = false
    @Flag(help: "End with status 1 for warnings, too.") var strict = false
    @Option(help: "Look at about so many keys at most.") var keysMax = 2_000_000
    @Option(help: "Look at so many keys a second.") var keysPerSecond = 20_000

    func validate() throws {
        guard keysMax >= 1 else { throw ValidationError("--keys-max must be at least 1") }
        guard (100...10_000_000).contains(keysPerSecond) else {
            throw ValidationError("--keys-per-second must be 100 to 10000000")
        }
    }

    func run() async throws {
        let context = try await OperatorContext.load()
        var findings = await redisFindings(context)
        let token = "\(UTCTime.compact(milliseconds: UTCTime.nowMs()))-\(UInt32.random(in: .min ... .max))"
        findings += await OutsideChecks.objects(try Resources.objectStore(context.stores.objects), token: token)
        findings += await OutsideChecks.ports([
            ("gateway", try GatewaySettings(context.reader).http.addressFromHere),
            ("features", try FeaturesSettings(context.reader).http.addressFromHere),
            ("ingest", try IngestSettings(context.reader).http.addressFromHere),
            ("loader", try LoaderSettings(context.reader).http.addressFromHere),
            ("archive", try ArchiverSettings(context.reader).http.addressFromHere),
            ("trainer", try TrainerSettings(context.reader).http.addressFromHere),
        ])
        findings += await TrackingChecks.findings(context)
        let diagnosis = Diagnosis(findings)
        print(try json ? Self.json(diagnosis) : diagnosis.text)
        let isBad = diagnosis.level == .failure || (strict && diagnosis.level == .warning)
        if isBad { throw ExitCode(1) }
    }

    /// What Redis holds; one finding if it cannot be asked.
    private func redisFindings(_ context: OperatorContext) async -> [Finding] {
        do {
            return try await context.withRedis { stores in
                try await inspect(stores, lagMax: try IngestSettings(context.reader).lagCountMax)
            }
        } catch {
            return [
                .failure(
                    "redis.reach", "\(context.stores.redis): \(error)",
                    "check REDIS_URL, that Redis runs, and that its user may ask: doctor wants the user operator")
            ]
        }
    }

    private func inspect(_ stores: RedisStores, lagMax: Int) async throws -> [Finding] {
        let inspection = RedisInspection(stores)
        let server = try await inspection.server()
        // Afterwards: connecting may take its time, and Redis's clock was read after it.
        let nowMs = UTCTime.nowMs()
        var findings = [Finding.ok("redis.reach", "answers")] + ServerChecks.findings(server, nowMs: nowMs)
        findings += StreamChecks.findings(
            try await inspection.groups(), quarantined: try await inspection.quarantineLength(), lagMax: lagMax,
            clockMs: server.clockMs)
        let generations = try await GenerationFacts.read(stores, nowMs: nowMs)
        let audit = try await inspection.auditKeys(keysMax: keysMax, keysPerSecond: keysPerSecond)
        return findings + GenerationChecks.findings(generations, audit, nowMs: nowMs)
    }

    private static func json(_ diagnosis: Diagnosis) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return String(decoding: try encoder.encode(diagnosis), as: UTF8.self)
    }
}
