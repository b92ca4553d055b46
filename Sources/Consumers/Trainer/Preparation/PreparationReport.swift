// What became of every row, for the person who asks why an event did not count. PreparationReport+content.swift fills it
// in.

import FoundationEssentials

/// The report of a preparation, `report.json`.
package struct PreparationReport: Codable, Hashable, Sendable {
    /// When it was made, Unix ms.
    package let createdAtMs: Int64
    /// How it was made.
    package let parameters: [String: String]
    /// What it was made from.
    package let inputs: [Input]
    /// What became of the events.
    package let events: Events
    /// What is known of the items.
    package let items: Items
    /// How the categories nest.
    package let categories: Categories
    /// What somebody should look at.
    package let warnings: [String]

    /// A file.
    package struct Input: Codable, Hashable, Sendable {
        package let name: String
        package let kind: String
        /// Its size as stored, in bytes.
        package let bytes: Int
        /// SHA-256 of the stored bytes, in lower-case hex.
        package let sha256: String
        /// Rows below the header, blank lines aside.
        package let rows: Int
        /// The unusable ones.
        package let faults: [Fault]
    }

    /// Rows that could not be used for one reason.
    package struct Fault: Codable, Hashable, Sendable {
        package let reason: String
        package let rows: Int
        /// The lines, counted from 1, of the first few.
        package let firstLines: [Int]
    }

    /// Events by what became of them; every event counts in one place.
    package struct Events: Codable, Hashable, Sendable {
        /// Usable rows of all logs and archives.
        package let read: Int
        /// Later than the present; they will count once it is their time.
        package let afterPresent: Int
        /// Repetitions of another's user, item, type and time.
        package let duplicates: Int
        /// Archived events whose stream id repeated another's.
        package let repeatedStreamIds: Int
        /// Archived events whose user and event id repeated another's.
        package let repeatedEventIds: Int
        /// Of users that no person is behind.
        package let bots: [Bots]
        /// About items without a category of the tree.
        package let withoutCategory: Int
        /// After the newest property row.
        package let setAside: Int
        /// What remains.
        package let trainedOn: Int
        /// From the first to the last of all events but duplicates, bots and all.
        package let window: Window?
    }

    /// Users that passed one limit.
    package struct Bots: Codable, Hashable, Sendable {
        package let limit: String
        package let users: Int
        package let events: Int
        /// The first few users.
        package let examples: [String]
    }

    /// A stretch of time.
    package struct Window: Codable, Hashable, Sendable {
        /// Unix ms, both ends included.
        package let firstMs: Int64
        package let lastMs: Int64
        /// How many operating days it touches.
        package let operatingDays: Int
    }

    /// Items and their properties.
    package struct Items: Codable, Hashable, Sendable {
        /// How many are named anywhere.
        package let named: Int
        /// How many stay.
        package let kept: Int
        /// How many of all that are named may be recommended.
        package let available: Int
        /// How many are left out since their category is missing or not in the tree.
        package let withoutCategory: Int
        /// The first few of them.
        package let withoutCategoryExamples: [String]
        /// Changes of category, of availability and of the numeric property.
        package let categoryChanges: Int
        package let availabilityChanges: Int
        package let numberChanges: Int
        /// Property rows later than the present.
        package let rowsAfterPresent: Int
        /// From the first to the last property row.
        package let window: Window?
    }

    /// The category tree.
    package struct Categories: Codable, Hashable, Sendable {
        /// How many the tree lists.
        package let listed: Int
        /// How many items name and the tree does not.
        package let unlisted: Int
        /// How many of the listed are at the top.
        package let roots: Int
        /// The most categories above one.
        package let depthMax: Int
        /// Those whose parent the tree does not list, and the first few.
        package let orphans: Int
        package let orphanExamples: [String]
        /// Circles that were cut, and the first few categories where.
        package let cycles: Int
        package let cycleExamples: [String]
    }

    /// The report as JSON, with names in snake case.
    func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return Array(try encoder.encode(self))
    }

    /// Reads what ``json()`` writes.
    init(json: [UInt8]) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        self = try decoder.decode(PreparationReport.self, from: Data(json))
    }
}
