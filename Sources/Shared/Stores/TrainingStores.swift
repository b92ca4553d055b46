// Everything in the object store that training reads and writes, together, since its steps need nearly all of it.

package import ObjectStore

/// The stores of training.
package struct TrainingStores: Sendable {
    /// Source files as they come.
    package let source: SourceDataStore
    /// Events that the stream has let go of.
    package let archive: EventArchiveStore
    /// Clean data.
    package let prepared: PreparedDataStore
    /// Models.
    package let models: ModelStore
    /// Published releases.
    package let releases: ReleaseStore
    /// The release that waits.
    package let drafts: ReleaseDrafts
    /// Runs that wait to be written down in MLflow.
    package let tracking: TrackingSpool

    package init(objects: any ObjectStore) {
        source = SourceDataStore(objects: objects)
        archive = EventArchiveStore(objects: objects)
        prepared = PreparedDataStore(objects: objects)
        models = ModelStore(objects: objects)
        releases = ReleaseStore(objects: objects)
        drafts = ReleaseDrafts(objects: objects)
        tracking = TrackingSpool(objects: objects)
    }
}
