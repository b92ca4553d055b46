// An invented shop's log in RetailRocket's file format, for a first start, for load tests and for checking what is
// learned: the pattern that was planted can be asked for. Pure computation; the caller streams the chunks to where
// they belong.

package import Models

/// Sample data of one set of parameters. Files come as sequences of chunks of about 64 KiB, which may be iterated any
/// number of times; memory is about 50 bytes an item while this value lives, and 24 bytes a session while events are
/// made.
package struct SampleData: Sendable {
    /// What the data is made from.
    package let parameters: SampleDataParameters
    private let catalogue: SampleCatalogue

    package init(_ parameters: SampleDataParameters) {
        self.parameters = parameters
        catalogue = SampleCatalogue(parameters: parameters)
    }

    /// events.csv, sorted by time. `progress` hears how many rows are written after each chunk.
    package func events(progress: @escaping @Sendable (Int) -> Void = { _ in }) -> SampleEventLog {
        SampleEventLog(parameters: parameters, catalogue: catalogue, progress: progress)
    }

    /// item_properties_part<n>.csv, n being 1 or 2; any other number gives a file without rows.
    package func itemProperties(part: Int) -> SampleProperties {
        let half = (parameters.items + 1) / 2
        let items =
            switch part {
            case 1: 0..<half
            case 2: half..<parameters.items
            default: 0..<0
            }
        return SampleProperties(parameters: parameters, catalogue: catalogue, items: items)
    }

    /// category_tree.csv, `categoryid,parentid`; a root's parent is empty. 1,669 rows at most.
    package func categoryTree() -> [UInt8] {
        var text = "categoryid,parentid\n"
        for (category, parent) in catalogue.parents.enumerated() {
            text += parent < 0 ? "\(category + 1),\n" : "\(category + 1),\(parent + 1)\n"
        }
        return Array(text.utf8)
    }

    /// Every item, the most popular first: the order in which items are drawn, before users follow successors.
    package var itemsByPopularity: [ItemID] { catalogue.byPopularity.compactMap { ItemID("\($0 + 1)") } }

    /// The items that were planted to follow `item`, the most frequent first; empty for an item that is not in the
    /// catalogue.
    package func successors(of item: ItemID) -> [ItemID] {
        guard let number = Int(item.text), (1...parameters.items).contains(number) else { return [] }
        return catalogue.successors(of: number - 1).compactMap { ItemID("\($0 + 1)") }
    }
}
