// Each rule is shown what it is there to find. A check that cannot fail is none.

import Testing

@Suite struct RuleTests {
    private func file(_ path: String, _ text: String) -> SwiftFile { SwiftFile(ProjectFile(path: path, text: text)) }

    @Test func `comments and strings are told from code`() {
        let source = SwiftSource(
            ##"""
            let a = "try! \(b ? "in\"ner" : c) end" // try! in a comment
            /* as! /* nested */ still */ let d = #"raw " \#(e)"#
            let f = """
                many "lines"
                """
            call(f)
            """##)
        #expect(
            source.literals.map(\.text) == ["in\\\"ner", "try! \\() end", "raw \" \\()", "\n    many \"lines\"\n    "])
        #expect(source.literals.map(\.line) == [1, 1, 2, 3])
        #expect(!source.code.contains("!"))
        #expect(source.code.contains("b ?"))
        #expect(source.code.contains("let d ="))
        #expect(source.code.hasSuffix("call(f)"))
        #expect(source.code.split(separator: "\n", omittingEmptySubsequences: false).count == 6)
    }

    @Test(arguments: [
        "import Foundation", "let x = try! y()", "let x = y as! Int", "fatalError(\"x\")", "public struct X {}",
        "String(format: x)", "DateFormatter()", "print(x)", "@testable import XCTest",
    ])
    func `a banned construct is found`(line: String) {
        let findings = HouseRules.bannedConstructs(in: file("Sources/Shared/Models/X.swift", "// x\n\(line)\n"))
        #expect(findings.count == 1)
        #expect(findings.first?.hasPrefix("Sources/Shared/Models/X.swift:2: ") == true)
    }

    @Test(arguments: [
        "import FoundationEssentials", "// try! y()", "let x = \"as! fatalError(\"", "let republic = 1", "imprint(x)",
        "let x = try? y()",
    ])
    func `what only looks like a banned construct is not`(line: String) {
        #expect(HouseRules.bannedConstructs(in: file("Sources/Shared/Models/X.swift", line)).isEmpty)
    }

    @Test func `a ban holds where it is meant to hold`() {
        let sleep = "try await Task.sleep(for: .seconds(1))"
        #expect(HouseRules.bannedConstructs(in: file("Tests/GatewayTests/X.swift", sleep)).count == 1)
        #expect(HouseRules.bannedConstructs(in: file("Tests/TestServers/X.swift", sleep)).isEmpty)
        #expect(HouseRules.bannedConstructs(in: file("Sources/Gateway/X.swift", sleep)).isEmpty)
        #expect(HouseRules.bannedConstructs(in: file("Sources/Freshet/X.swift", "print(x)")).isEmpty)
    }

    @Test func `a layer that reaches too far is found`() {
        func findings(_ path: String, _ text: String) -> [String] {
            HouseRules.layering(of: file(path, text), roles: ["Gateway", "Features"])
        }
        #expect(findings("Sources/Gateway/X.swift", "import Features").count == 1)
        #expect(findings("Sources/Gateway/Deep/X.swift", "package import Redis").count == 1)
        #expect(findings("Sources/Consumers/Features/X.swift", "import ObjectStore").count == 1)
        #expect(findings("Sources/Shared/Stores/X.swift", "import struct CHiredis.redisReply").count == 1)
        #expect(findings("Sources/Shared/Stores/X.swift", "import Redis\nimport ObjectStore").isEmpty)
        #expect(findings("Sources/Shared/Redis/X.swift", "import CHiredis").isEmpty)
        #expect(findings("Sources/Freshet/X.swift", "import Features\nimport Gateway").isEmpty)
        #expect(findings("Sources/Gateway/X.swift", "// import Features\nimport Stores").isEmpty)
    }

    @Test func `a key outside Stores is found`() {
        func findings(_ path: String, _ text: String) -> [String] { HouseRules.spelledKeys(in: file(path, text)) }
        #expect(findings("Sources/Gateway/X.swift", #"get("gen:\(n):meta")"#).count == 1)
        #expect(findings("Sources/Gateway/X.swift", #"get("online:{\(user)}")"#).count == 1)
        #expect(findings("Sources/Freshet/X.swift", #"put("recommendations/" + name)"#).count == 1)
        #expect(findings("Sources/Shared/Stores/X.swift", #"get("generation:active")"#).isEmpty)
        #expect(findings("Sources/Freshet/X.swift", #"show("generation: \(n)", "/v1/recommendations/{id}")"#).isEmpty)
    }

    @Test func `functions are measured from their first line to the closing brace`() {
        let text = """
            protocol P {
                func none() -> Int
                init(x: Int)
            }
            struct S: P {
                func short(_ f: () -> Void = { }) -> Int { 1 }
                func `long one`(
                    a: Int
                ) async throws
                    -> Int where Self: P
                {
                    if a > 1 { return "}".count }
                    return .init(a)
                }
                init?(y: Int) {
                    nil
                }
            }
            """
        let lengths = SwiftSource(text).functionLengths
        #expect(
            lengths == [
                FunctionLength(name: "short", line: 6, count: 1), FunctionLength(name: "`long one`", line: 7, count: 8),
                FunctionLength(name: "init", line: 15, count: 3),
            ])
        let long = "// x\nfunc f() {\n\(String(repeating: "    g()\n", count: 69))}\n"
        #expect(HouseRules.sizes(of: file("Sources/Gateway/X.swift", long)).count == 1)
        #expect(HouseRules.sizes(of: file("Sources/Gateway/X.swift", long), functionLinesMax: 71).isEmpty)
        #expect(HouseRules.sizes(of: file("Sources/Gateway/X.swift", long), fileLinesMax: 71).count == 2)
    }
}
