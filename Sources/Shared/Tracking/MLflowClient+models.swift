// The registered model, its versions and their aliases. Every call may be made again.

/// A version of the registered model.
struct MLflowVersion: Decodable, Sendable {
    let version: String
}

extension MLflowClient {
    private struct Named: Encodable { let name: String }

    /// Makes the registered model if there is none.
    func ensureModel(_ name: String) async throws {
        do { let _: MLflowNothing = try await post("registered-models/create", Named(name: name)) } catch let failure
            as MLflowFailure where failure.code == "RESOURCE_ALREADY_EXISTS"
        {}
    }

    /// The version that one of our models became, the first one if there are several; nil if there is none.
    func version(of model: String, in name: String) async throws -> MLflowVersion? {
        struct Found: Decodable { let model_versions: [MLflowVersion]? }
        let filter = "name='\(name)' and tags.`\(TrackingRecord.modelTag)`='\(model.replacing("'", with: ""))'"
        let found: Found = try await get("model-versions/search", [("filter", filter), ("max_results", "100")])
        return found.model_versions?.min { (Int($0.version) ?? 0) < (Int($1.version) ?? 0) }
    }

    /// Makes a version out of a run's artifacts. Repeated, it would make another one, so it is not.
    func createVersion(of model: String, _ description: String, run id: String, in name: String) async throws {
        struct Creation: Encodable {
            let name: String
            let source: String
            let run_id: String
            let description: String
            let tags: [Pair]
        }
        struct Made: Decodable { let model_version: MLflowVersion }
        let _: Made = try await post(
            "model-versions/create",
            Creation(
                name: name, source: "runs:/\(id)/\(TrackingRecord.modelFolder)", run_id: id,
                description: description,
                tags: [Pair(key: TrackingRecord.modelTag, value: model.replacing("'", with: ""))]),
            isRepeatable: false)
    }

    /// Has an alias point to a version, or to none.
    func setAlias(_ alias: String, to version: String?, in name: String) async throws {
        struct Alias: Encodable {
            let name: String
            let alias: String
            let version: String?
        }
        if let version {
            let _: MLflowNothing = try await post(
                "registered-models/alias", Alias(name: name, alias: alias, version: version))
        } else {
            do { try await delete("registered-models/alias", Alias(name: name, alias: alias, version: nil)) } catch let
                failure as MLflowFailure where failure.code == "RESOURCE_DOES_NOT_EXIST"
            {}
        }
    }
}
