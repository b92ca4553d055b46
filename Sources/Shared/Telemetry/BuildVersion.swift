// Which Freshet this is, for what is written down elsewhere and read years later.

/// The version of this build.
package enum BuildVersion {
    /// The version as CHANGELOG.md names it.
    package static let text = "unreleased"
}
