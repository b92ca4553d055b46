// The project's own files, found from where this one was compiled.

import FoundationEssentials

/// A text file of the project.
struct ProjectFile: Sendable {
    /// The path below the project's folder.
    let path: String
    /// The whole text.
    let text: String

    /// The text's lines.
    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
}

/// A Swift file, also without its comments and strings.
struct SwiftFile: Sendable {
    let file: ProjectFile
    let source: SwiftSource

    var path: String { file.path }
    /// The target that the file belongs to: the folder below `Shared`, `Producers` and so on.
    let target: String

    init(_ file: ProjectFile) {
        self.file = file
        source = SwiftSource(file.text)
        let folders = file.path.split(separator: "/").dropLast().map(String.init)
        let groups: Set<String> = ["Shared", "Producers", "Consumers"]
        let isGrouped = folders.count > 2 && groups.contains(folders[1])
        target = folders.count < 2 ? "" : isGrouped ? folders[2] : folders[1]
    }

    /// The modules that the file imports, with their lines.
    var imports: [(module: String, line: Int)] {
        source.code.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { index, line in
            let words = line.split(separator: " ")
            guard let at = words.firstIndex(of: "import"), at + 1 < words.count else { return nil }
            let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
            let isOne = kinds.contains(words[at + 1]) && at + 2 < words.count
            let name = (isOne ? words[at + 2] : words[at + 1]).prefix { $0 != "." }
            return (String(name), index + 1)
        }
    }
}

/// The project's folder and what is in it.
enum Project {
    /// The folder that holds Package.swift.
    static let root: String = {
        var url = URL(filePath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<4 { url.deleteLastPathComponent() }
        return url.path
    }()

    /// Every Swift file below Sources, Tests and Benchmarks.
    static let swiftFiles: [SwiftFile] = ["Sources", "Tests", "Benchmarks"]
        .flatMap { files(below: $0) }.filter { $0.path.hasSuffix(".swift") }.map(SwiftFile.init)

    /// The Swift files below a folder.
    static func swiftFiles(below folder: String) -> [SwiftFile] {
        swiftFiles.filter { $0.path.hasPrefix(folder + "/") }
    }

    /// The text of one file; nil if there is none.
    static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: "\(root)/\(path)").flatMap { String(bytes: $0, encoding: .utf8) }
    }

    /// Whether there is a file or folder of this path.
    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: "\(root)/\(path)") }

    /// The text files below a folder; what is not UTF-8 is passed over.
    static func files(below folder: String) -> [ProjectFile] {
        let paths = (try? FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
        return paths.sorted().compactMap { path in
            text("\(folder)/\(path)").map { ProjectFile(path: "\(folder)/\(path)", text: $0) }
        }
    }

    /// The files directly in the project's folder.
    static let topFiles: [ProjectFile] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return names.sorted().compactMap { name in text(name).map { ProjectFile(path: name, text: $0) } }
    }()

    /// What people read.
    static let documents: [ProjectFile] = (topFiles + ["redis", "docs", "deploy"].flatMap { files(below: $0) })
        .filter { $0.path.hasSuffix(".md") }
}
