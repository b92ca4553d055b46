// The rules as functions from files to findings, so that a test can also show each rule a file that breaks it.

/// A construct that has no place here, and what to write instead.
struct BannedConstruct: Sendable {
    let pattern: String
    let instead: String
    /// Path prefixes below which it is allowed.
    var allowedBelow: [String] = []
    /// Path prefix below which the ban holds; everywhere if empty.
    var below = ""

    /// Matches the pattern where it does not continue a longer word.
    func isIn(_ line: Substring) -> Bool {
        line.ranges(of: pattern).contains { range in
            guard pattern.first?.isLetter == true, let before = line[..<range.lowerBound].last else { return true }
            return !before.isLetter && !before.isNumber && before != "_"
        }
    }

    func applies(to path: String) -> Bool {
        path.hasPrefix(below) && !allowedBelow.contains { path.hasPrefix($0) }
    }
}

enum HouseRules {
    static let banned: [BannedConstruct] = [
        BannedConstruct(pattern: "import Foundation ", instead: "import FoundationEssentials"),
        BannedConstruct(pattern: "import FoundationNetworking ", instead: "use ObjectStore's libcurl or NIO"),
        BannedConstruct(pattern: "import XCTest ", instead: "import Testing"),
        BannedConstruct(
            pattern: "String(format:", instead: "interpolate, or pad by hand; it drags in all of Foundation"),
        BannedConstruct(pattern: "DateFormatter", instead: "write the date by hand; it drags in all of Foundation"),
        BannedConstruct(pattern: "NSRegularExpression", instead: "use a Swift regex literal"),
        BannedConstruct(pattern: "try!", instead: "throw, or handle the error"),
        BannedConstruct(pattern: "as!", instead: "use as? and say what to do otherwise"),
        BannedConstruct(pattern: "fatalError(", instead: "throw; precondition is for a programmer's error"),
        BannedConstruct(pattern: "public ", instead: "package, or nothing: this is an application"),
        BannedConstruct(
            pattern: "Task.sleep", instead: "wait for a signal, or for a condition with Tests/Fixtures",
            allowedBelow: ["Tests/TestServers/", "Tests/Fixtures/"], below: "Tests/"),
        BannedConstruct(
            pattern: "print(", instead: "log, or hand the text to the command in Sources/Freshet",
            allowedBelow: ["Sources/Freshet/"], below: "Sources/"),
    ]

    /// Marks of unfinished work; looked for in comments too.
    static let unfinished = ["TODO", "FIXME", "HACK"]

    /// Where a file contains what has no place here.
    static func bannedConstructs(in file: SwiftFile) -> [String] {
        let rules = banned.filter { $0.applies(to: file.path) }
        let code = file.source.code.split(separator: "\n", omittingEmptySubsequences: false)
        return code.enumerated().flatMap { index, line in
            // A blank stands for the line's end, so that a rule can ask for the end of a word.
            rules.filter { $0.isIn(line + " ") }.map { rule in
                "\(file.path):\(index + 1): \(rule.pattern) - instead: \(rule.instead)"
            }
        }
    }

    /// What a role may not import: another role, and the outside world other than through Stores.
    static func layering(of file: SwiftFile, roles: Set<String>) -> [String] {
        let owners = [
            "CHiredis": "Redis", "CCurl": "ObjectStore", "CEmbedded": "Embedded", "COpenBLAS": "Learning",
            "CXGBoost": "Learning", "CKernels": "Learning",
        ]
        return file.imports.compactMap { module, line in
            let place = "\(file.path):\(line): import \(module)"
            if let owner = owners[module], file.target != owner {
                return "\(place) - instead: import \(owner), the one target that speaks to it"
            }
            guard roles.contains(file.target), file.path.hasPrefix("Sources/") else { return nil }
            if roles.contains(module), module != file.target {
                return "\(place) - a role imports no other role; instead: move what both need into Sources/Shared"
            }
            if module == "Redis" || module == "ObjectStore" {
                return "\(place) - a role reaches Redis and the object store through Stores; instead: import Stores"
            }
            return nil
        }
    }

    /// How the literals of Redis keys and object names begin.
    static let keyPrefixes = [
        "gen:", "online:", "seen:", "users:", "events:", "generation:", "releases:", "training:", "archive:", "loader:",
        "hidden:", "served:", "scored:", "quality:",
        "recommendations/", "source_data", "infer_data", "model_retrained", "mlruns/", "mlflow/", "mlflow:",
    ]

    /// The literals that spell a Redis key or an object name. What has a space in it is prose.
    static func spelledKeys(in file: SwiftFile) -> [String] {
        guard file.target != "Stores" else { return [] }
        let keys = file.source.literals.filter { literal in
            !literal.text.contains(" ") && keyPrefixes.contains { literal.text.hasPrefix($0) }
        }
        return keys.map { literal in
            "\(file.path):\(literal.line): \"\(literal.text)\" - instead: a name or a store from Sources/Shared/Stores"
        }
    }

    /// Files and functions that are too long to be read at one go.
    static func sizes(of file: SwiftFile, fileLinesMax: Int = 400, functionLinesMax: Int = 70) -> [String] {
        let lines = file.file.text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
        let long = file.source.functionLengths.filter { $0.count > functionLinesMax }.map { function in
            "\(file.path):\(function.line): \(function.name) has \(function.count) lines - instead: at most \(functionLinesMax)"
        }
        guard lines > fileLinesMax else { return long }
        return ["\(file.path): \(lines) lines - instead: at most \(fileLinesMax); split it by what it owns"] + long
    }
}
