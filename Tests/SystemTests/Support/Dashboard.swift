// The dashboard as Grafana reads it, and Prometheus's answers to what its panels ask.

import FoundationEssentials
import Testing
import WebClient

/// deploy/grafana's dashboard.
struct Dashboard: Decodable {
    struct Panel: Decodable {
        struct Target: Decodable {
            let expr: String
            let refId: String
            let datasource: Source
        }
        struct Place: Decodable {
            let x, y, w, h: Int
        }
        let id: Int
        let type: String
        let title: String
        let description: String?
        let gridPos: Place
        let targets: [Target]?
    }
    struct Source: Decodable {
        let uid: String
    }

    let uid: String
    let title: String
    let schemaVersion: Int
    let panels: [Panel]

    /// The repository's folder `deploy`.
    static var deployFolder: String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "deploy").path
    }

    static func read() throws -> Dashboard {
        let text = try String(contentsOfFile: "\(deployFolder)/grafana/dashboards/freshet.json", encoding: .utf8)
        return try JSONDecoder().decode(Dashboard.self, from: Data(text.utf8))
    }
}

/// An answer to a query.
struct QueryAnswer: Decodable {
    struct Outcome: Decodable {
        let result: [Series]
    }
    struct Series: Decodable {
        let metric: [String: String]
        let value: Sample
    }
    /// A time and a value, the latter as text.
    struct Sample: Decodable {
        let number: Double
        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            _ = try list.decode(Double.self)
            number = Double(try list.decode(String.self)) ?? .nan
        }
    }

    let status: String
    let data: Outcome?
    let error: String?

    /// Asks now, with the time shown being the last minutes.
    static func ask(_ port: Int, _ expression: String) async throws -> QueryAnswer {
        let query = expression.replacing("$__range", with: "5m")
        let allowed = query.utf8.map { byte -> String in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                return String(UnicodeScalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                return "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return try await HTTP.get(port, "/api/v1/query?query=\(allowed.joined())").decode()
    }
}
