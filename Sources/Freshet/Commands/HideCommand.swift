// The kill switch: an item that must not be shown any more, whatever list it is in.

import ArgumentParser
import Models
import Stores

struct HideCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hide", abstract: "Switch items off at once, in every list; or on again, or list them.")

    @Argument(help: "Item ids; without any, the hidden items are listed.") var items: [String] = []
    @Flag(help: "Show the items again.") var undo = false

    func run() async throws {
        let ids = try items.map { text in
            guard let item = ItemID(text) else {
                throw ValidationError("\"\(text)\" is no item id: \(IdentifierRule.description)")
            }
            return item
        }
        let undo = undo
        try await OperatorContext.load().withRedis { stores in
            if ids.isEmpty {
                for item in try await stores.hidden.all().sorted() { print(item) }
            } else if undo {
                print("\(try await stores.hidden.show(ids)) of \(ids.count) items are shown again")
            } else {
                print("\(try await stores.hidden.hide(ids)) of \(ids.count) items are hidden now")
            }
        }
    }
}
