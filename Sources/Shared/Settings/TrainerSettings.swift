// Settings of the trainer.

package import Models

/// When the trainer works, and how.
package struct TrainerSettings: Sendable {
    /// `TRAINER_HOST`, `TRAINER_PORT` (8095): where health and metrics are served.
    package let http: HTTPSettings
    /// `AUTONOMOUS_MODE`: whether a new model is used at once, without a person (off).
    package let isAutonomous: Bool
    /// `TRAINING_SCHEDULE`: when a run is asked for by itself, as @hourly, @daily, @weekly or the five fields of cron, in
    /// UTC; `off` for never (@weekly).
    package let schedule: CronSchedule?
    /// `TRAINER_POLL_MS`: how often the truth is read although no bell rang, 100...3600000 (2000).
    package let pollMs: Int
    /// `TRAINING_ATTEMPTS_MAX`: how often a run is begun again whose trainer died, 1...100 (3).
    package let attemptsMax: Int

    package init(
        http: HTTPSettings = HTTPSettings(port: 8095), isAutonomous: Bool = false, schedule: CronSchedule? = nil,
        pollMs: Int = 2000, attemptsMax: Int = 3
    ) {
        self.http = http
        self.isAutonomous = isAutonomous
        self.schedule = schedule
        self.pollMs = pollMs
        self.attemptsMax = attemptsMax
    }

    package init(_ reader: SettingsReader) throws(SettingsError) {
        let text = reader.text("TRAINING_SCHEDULE") ?? "@weekly"
        let schedule: CronSchedule?
        do throws(CronSchedule.Fault) { schedule = text == "off" ? nil : try CronSchedule(text) } catch {
            throw SettingsError(variable: "TRAINING_SCHEDULE", reason: "is \"\(text)\", which \(error)")
        }
        self.init(
            http: try HTTPSettings(reader, role: "TRAINER", defaultPort: 8095),
            isAutonomous: try reader.flag("AUTONOMOUS_MODE", default: false), schedule: schedule,
            pollMs: try reader.integer("TRAINER_POLL_MS", default: 2000, in: 100...3_600_000),
            attemptsMax: try reader.integer("TRAINING_ATTEMPTS_MAX", default: 3, in: 1...100))
    }
}
