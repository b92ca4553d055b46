// The report out of what was read and judged.

import Learning
import Stores

extension PreparationReport {
    init(
        _ content: SourceDataContent, cleaning: EventCleaning, day: OperatingDay, parameters: PreparationParameters,
        nowMs: Int64
    ) {
        createdAtMs = nowMs
        self.parameters = parameters.described
        inputs = content.reports.map(Input.init)
        events = Events(content, cleaning, day)
        items = Items(content.data, cleaning, day)
        categories = Categories(content.data.catalogue.forest)
        warnings = Self.warnings(content, cleaning, inputs, events, items, categories)
    }

    private static func warnings(
        _ content: SourceDataContent, _ cleaning: EventCleaning, _ inputs: [Input], _ events: Events, _ items: Items,
        _ categories: Categories
    ) -> [String] {
        var warnings = inputs.filter { $0.rows == 0 }.map { "\($0.name) has no rows" }
        for input in inputs {
            for fault in input.faults {
                let lines = fault.firstLines.map { "\($0)" }.joined(separator: ", ")
                warnings.append("\(input.name): \(fault.rows) rows are unusable: \(fault.reason); first lines \(lines)")
            }
        }
        if cleaning.keptLateEvents > 0 {
            warnings.append(
                "\(cleaning.keptLateEvents) of \(content.data.interactions.count) events are later than the newest "
                    + "property row; they are too many to be set aside and are trained on; are property files missing?")
        }
        if events.afterPresent > 0 { warnings.append("\(events.afterPresent) events are later than the present") }
        if items.rowsAfterPresent > 0 {
            warnings.append("\(items.rowsAfterPresent) property rows are later than the present")
        }
        if items.window == nil { warnings.append("no property is known of any item; all count as available") }
        if categories.listed == 0 { warnings.append("there is no category tree; items keep the categories they name") }
        if categories.orphans > 0 {
            warnings.append("\(categories.orphans) categories have a parent that the tree does not list")
        }
        if categories.cycles > 0 { warnings.append("\(categories.cycles) circles in the category tree were cut") }
        return warnings
    }
}

extension PreparationReport.Input {
    init(_ report: InputReport) {
        name = report.input.file.name
        kind = report.input.kind.rawValue
        bytes = report.input.file.bytes
        sha256 = report.sha256
        rows = report.rows.rows
        faults = RowFault.allCases.compactMap { fault in
            report.rows.faults[fault].map { count in
                PreparationReport.Fault(
                    reason: fault.rawValue, rows: count, firstLines: report.rows.lines[fault, default: []])
            }
        }
    }
}

extension PreparationReport.Events {
    init(_ content: SourceDataContent, _ cleaning: EventCleaning, _ day: OperatingDay) {
        let table = content.data.interactions
        afterPresent = table.tooLate
        duplicates = table.duplicates
        repeatedStreamIds = content.repeatedStreamIDs
        repeatedEventIds = content.repeatedEventIDs
        read = table.count + afterPresent + duplicates + repeatedStreamIds + repeatedEventIds
        bots = BotSign.allCases.compactMap { sign in
            cleaning.bots[sign].map { found in
                PreparationReport.Bots(
                    limit: sign.rawValue, users: found.users, events: found.events,
                    examples: found.examples.map { table.users.text(at: $0) })
            }
        }
        withoutCategory = cleaning.counts[.itemWithoutCategory, default: 0]
        setAside = cleaning.counts[.setAside, default: 0]
        trainedOn = cleaning.counts[.trainedOn, default: 0]
        window = .init(table.oldestMs, table.newestMs, day)
    }
}

extension PreparationReport.Window {
    init?(_ firstMs: Int64?, _ lastMs: Int64?, _ day: OperatingDay) {
        guard let firstMs, let lastMs else { return nil }
        self.firstMs = firstMs
        self.lastMs = lastMs
        operatingDays = day.day(ofMs: lastMs) - day.day(ofMs: firstMs) + 1
    }
}

extension PreparationReport.Items {
    init(_ data: TrainingData, _ cleaning: EventCleaning, _ day: OperatingDay) {
        named = data.catalogue.count
        kept = named - cleaning.itemsWithoutCategory
        available = data.catalogue.availableCount
        withoutCategory = cleaning.itemsWithoutCategory
        withoutCategoryExamples = cleaning.itemExamples.map { data.catalogue.items.text(at: $0) }
        (categoryChanges, availabilityChanges, numberChanges) = data.history.changeCounts
        rowsAfterPresent = data.history.tooLate.count
        window = .init(data.history.windowMs?.lowerBound, data.history.windowMs?.upperBound, day)
    }
}

extension PreparationReport.Categories {
    init(_ forest: CategoryForest) {
        let all = 0..<forest.categories.count
        listed = forest.listedCount
        unlisted = all.count - forest.listedCount
        roots = all.count { forest.isListed($0) && forest.depth(of: $0) == 0 }
        depthMax = all.map { forest.depth(of: $0) }.max() ?? 0
        orphans = forest.orphans
        orphanExamples = forest.orphanExamples.map { forest.categories.text(at: $0) }
        cycles = forest.cycles
        cycleExamples = forest.cycleExamples.map { forest.categories.text(at: $0) }
    }
}
