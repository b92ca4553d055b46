// What the tests of the container files share: where they are, and what a filled-in .env says.

import FoundationEssentials

/// The project's container files.
enum ContainerFiles {
    /// The repository's folder.
    static let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    /// The variables with the Redis users' passwords.
    static let passwords = [
        "INGEST_PASSWORD", "FEATURES_PASSWORD", "ARCHIVE_PASSWORD", "LOADER_PASSWORD", "TRAINER_PASSWORD",
        "GATEWAY_PASSWORD", "AIRFLOW_PASSWORD", "OPERATOR_PASSWORD",
    ]
    /// What a filled-in .env says.
    static let environment = Dictionary(
        uniqueKeysWithValues: passwords.map { ($0, "secret\($0.count)of\($0.prefix(3))") }
    ).merging(["S3_ACCESS_KEY_ID": "key", "S3_SECRET_ACCESS_KEY": "secret", "GRAFANA_PASSWORD": "picture"]) {
        first, _ in first
    }
}
