// The aliases of the registered model follow the models' slots in the object store, which are the truth: whatever promoted
// or rolled back, and whether MLflow was there then, the aliases come to say the same.

import Stores

/// What an alias says, for people.
package struct AliasState: Sendable, Hashable {
    /// `in_use` or `candidate`.
    package let alias: String
    /// Our model; nil if the slot holds none.
    package let model: String?
    /// Its version in MLflow; nil if it has none there, as a model that was trained before MLflow was set up.
    package let version: String?

    /// Whether a later look may find more.
    var isPending: Bool { model != nil && version == nil }
}

/// Moves aliases.
struct AliasKeeper: Sendable {
    /// The alias of the model that lists are made with.
    static let inUse = "in_use"
    /// The alias of the model that waits for a person's word.
    static let candidate = "candidate"

    let client: MLflowClient
    let model: String
    let models: ModelStore

    /// What the slots hold.
    func wanted() async throws -> [(alias: String, model: String?)] {
        let current = try await models.manifest(in: .inUse)?.model
        let retrained = try await models.manifest(in: .retrained)?.model
        return [(Self.inUse, current), (Self.candidate, retrained == current ? nil : retrained)]
    }

    /// Has the aliases say what the slots hold.
    func apply(_ wanted: [(alias: String, model: String?)]) async throws -> [AliasState] {
        var states: [AliasState] = []
        for (alias, trained) in wanted {
            var version: String?
            if let trained { version = try await client.version(of: trained, in: model)?.version }
            // An alias of another model would be a lie, so one without a version is taken away.
            try await client.setAlias(alias, to: version, in: model)
            states.append(AliasState(alias: alias, model: trained, version: version))
        }
        return states
    }
}
