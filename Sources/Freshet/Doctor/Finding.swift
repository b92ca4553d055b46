// What `freshet doctor` says about one thing: how it is, what was seen, and what to do about it.

/// One finding.
struct Finding: Codable, Sendable {
    /// How bad it is.
    enum Level: String, Codable, Sendable, CaseIterable {
        case ok, warning, failure

        /// The mark in front of a line.
        var mark: String {
            switch self {
            case .ok: "ok  "
            case .warning: "warn"
            case .failure: "FAIL"
            }
        }
    }

    /// What was looked at, such as `redis.version`; the same name for the same thing every time.
    let check: String
    let level: Level
    /// What was seen.
    let detail: String
    /// What to do; nil if nothing need be done.
    let remedy: String?

    static func ok(_ check: String, _ detail: String) -> Finding {
        Finding(check: check, level: .ok, detail: detail, remedy: nil)
    }

    static func warning(_ check: String, _ detail: String, _ remedy: String) -> Finding {
        Finding(check: check, level: .warning, detail: detail, remedy: remedy)
    }

    static func failure(_ check: String, _ detail: String, _ remedy: String) -> Finding {
        Finding(check: check, level: .failure, detail: detail, remedy: remedy)
    }
}

/// All findings.
struct Diagnosis: Codable, Sendable {
    let findings: [Finding]
    /// The worst of them.
    let level: Finding.Level

    init(_ findings: [Finding]) {
        self.findings = findings
        let levels = findings.map(\.level)
        level = levels.contains(.failure) ? .failure : levels.contains(.warning) ? .warning : .ok
    }

    /// For people.
    var text: String {
        let width = findings.map(\.check.count).max() ?? 0
        var lines: [String] = []
        for finding in findings {
            let name = finding.check + String(repeating: " ", count: width - finding.check.count)
            lines.append("\(finding.level.mark)  \(name)  \(finding.detail)")
            if let remedy = finding.remedy {
                lines.append(String(repeating: " ", count: 8 + width) + "-> \(remedy)")
            }
        }
        let counts = Finding.Level.allCases.map { level in
            "\(findings.count(where: { $0.level == level })) \(level.rawValue)"
        }
        return (lines + ["", counts.joined(separator: ", ")]).joined(separator: "\n")
    }
}
