// What people read must be true: links lead somewhere, commands exist, every key is explained.

import Testing

@Suite struct DocumentTests {
    @Test func `every relative link leads to a file`() {
        for document in Project.documents {
            for link in Self.links(in: document.text) {
                let folder = document.path.split(separator: "/").dropLast().joined(separator: "/")
                let path = Self.resolve(link, in: folder)
                #expect(Project.exists(path), "\(document.path) links to \(link), which is not there")
            }
        }
    }

    @Test func `every make command in the documents exists`() throws {
        let makefile = try #require(Project.text("Makefile"))
        let targets = Set(makefile.matches(of: /(?m)^([a-z-]+):/).map { String($0.1) })
        #expect(targets.contains("test"))
        for document in Project.documents {
            for target in Self.makeTargets(in: document.text) {
                #expect(targets.contains(target), "\(document.path) says make \(target), which the Makefile lacks")
            }
        }
    }

    @Test func `every make command is explained by make help`() throws {
        let makefile = try #require(Project.text("Makefile"))
        for line in makefile.matches(of: /(?m)^[a-z-]+:[^=\n]*$/).map({ String($0.0) }) {
            #expect(line.contains(" ## "), "'\(line)' has no text behind ##")
        }
    }

    @Test func `the keyspace document names every key and channel`() throws {
        let document = Self.withoutPlaceholders(try #require(Project.text("redis/KEYSPACE.md")))
        let files = Project.swiftFiles(below: "Sources/Shared/Stores").filter { $0.path.contains("/Keys") }
        // What ends in a star is a pattern for SCAN.
        let names = files.flatMap(\.source.literals).map(\.text).filter { !$0.isEmpty && !$0.hasSuffix("*") }
        #expect(names.count > 10)
        for name in names {
            let shown = Self.withoutPlaceholders(name.replacing("\\()", with: "<>"))
            let isNamed = document.contains("`\(shown)`")
            #expect(isNamed, "redis/KEYSPACE.md does not name `\(shown)`, where <> is a placeholder")
        }
    }

    @Test func `the keyspace document names every key and channel that the DAG spells`() throws {
        let document = Self.withoutPlaceholders(try #require(Project.text("redis/KEYSPACE.md")))
        let spelled = try #require(Project.text("deploy/airflow/dags/freshet/keys.py"))
        let names = spelled.matches(of: /(?:= |return f)"([^"]+)"/).map { $0.1.replacing(/\{[a-z]+\}/, with: "<>") }
        #expect(names.count > 10)
        for name in names { #expect(document.contains("`\(name)`"), "redis/KEYSPACE.md does not name `\(name)`") }
        for file in Project.files(below: "deploy/airflow/dags") where !file.path.hasSuffix("/keys.py") {
            let strays = file.text.matches(of: /"(?:training|releases|generation|gen|loader|instances):/)
            #expect(strays.isEmpty, "\(file.path) spells a key; keys.py is the place")
        }
    }

    @Test func `no file mentions a path of somebody's machine`() {
        let folders = ["home", "root", "work", "Users"].map { "/\($0)/" } + ["/tmp/dev" + "-"]
        let texts =
            Project.topFiles
            + ["Sources", "Tests", "Benchmarks", "redis", "deploy", "docs", "scripts"].flatMap {
                Project.files(below: $0)
            }
        for file in texts where !file.path.contains("swagger-ui/") {
            for (index, line) in file.lines.enumerated() {
                let found = folders.filter { Self.mentions(line, $0) }
                #expect(found.isEmpty, "\(file.path):\(index + 1) mentions \(found.joined(separator: ", "))")
            }
        }
    }

    @Test func `the checks see what they look for`() {
        #expect(Self.links(in: "[a](b.md) [c](https://d) ![e](f/g.png#x) [h](#i)") == ["b.md", "f/g.png"])
        #expect(Self.resolve("../x/./y.md", in: "docs/deep") == "docs/x/y.md")
        #expect(
            Self.makeTargets(in: "run `make up`, then\n$ make smoke\nmake bench\nthey make things") == [
                "up", "smoke", "bench",
            ])
        #expect(Self.withoutPlaceholders("gen:<n>:offline:{<user>}") == "gen:<>:offline:{<>}")
        let home = "/\("home")/"
        #expect(Self.mentions("cd \(home)someone", home))
        #expect(!Self.mentions("https://example.org\(home)", home))
    }

    private static func links(in text: String) -> [String] {
        text.matches(of: /\]\(([^)\s#]+)[^)]*\)/).map { String($0.1) }.filter {
            !$0.contains("://") && !$0.hasPrefix("mailto:")
        }
    }

    private static func resolve(_ link: String, in folder: String) -> String {
        var parts = folder.split(separator: "/")
        for part in link.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return parts.joined(separator: "/")
    }

    private static func makeTargets(in text: String) -> [String] {
        text.matches(of: /(?m)(?:^|`|\$ |&& )make ([a-z][a-z-]*)/).map { String($0.1) }
    }

    private static func withoutPlaceholders(_ text: String) -> String { text.replacing(/<[^<>\s]*>/, with: "<>") }

    /// Whether a line holds the path itself, not a web address that contains it.
    private static func mentions(_ line: Substring, _ folder: String) -> Bool {
        line.ranges(of: folder).contains { range in
            guard let before = line[..<range.lowerBound].last else { return true }
            return !before.isLetter && !before.isNumber && !"_-.}{*)".contains(before)
        }
    }
}
