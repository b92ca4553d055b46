// The word that makes a release exist: its manifest is written, and the loader asked for it.

package import Models
package import Stores

/// Publishes the release that waits as a draft.
package struct PublishRelease: Sendable {
    private let releases: ReleaseStore
    private let drafts: ReleaseDrafts

    package init(releases: ReleaseStore, drafts: ReleaseDrafts) {
        self.releases = releases
        self.drafts = drafts
    }

    /// Publishes the draft and forgets that it was one. A crash in between leaves a draft that is published already;
    /// publishing it again changes nothing.
    /// - Throws: ``TrainerError`` if no draft waits, `StoreError`.
    package func run() async throws -> ReleaseManifest {
        guard let draft = try await drafts.newest() else {
            throw TrainerError(
                message: "no release waits to be published; `freshet train calc-recommendations` makes one")
        }
        try await releases.publish(draft)
        try await drafts.remove(draft.release)
        return draft
    }
}
