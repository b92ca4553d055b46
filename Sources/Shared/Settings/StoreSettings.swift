// Where the two stores are: Redis and the object store.

import FoundationEssentials
package import ObjectStore
package import Redis

/// The addresses and credentials of Redis and the object store.
package struct StoreSettings: Sendable {
    /// Where `freshet up` runs its private Redis, and where every command looks for Redis unless told otherwise. Not 6379,
    /// where another Redis of this machine may live.
    package static let redisPortDefault = 6390

    /// `REDIS_URL`: redis://, rediss:// or unix://; default redis://127.0.0.1:6390.
    package let redis: RedisConfiguration
    /// `OBJECT_STORE`: s3://bucket/prefix?endpoint=… or file:///folder; default the folder objects below `DATA_FOLDER`.
    package let objects: ObjectStoreConfiguration

    package init(redis: RedisConfiguration, objects: ObjectStoreConfiguration) {
        self.redis = redis
        self.objects = objects
    }

    /// Reads `REDIS_URL`, `OBJECT_STORE`, `S3_ACCESS_KEY_ID`, `S3_SECRET_ACCESS_KEY`, `S3_SESSION_TOKEN`.
    package init(_ reader: SettingsReader) throws {
        let redisURL = reader.text("REDIS_URL", isSecret: true) ?? "redis://127.0.0.1:\(Self.redisPortDefault)"
        do { redis = try RedisConfiguration(url: redisURL) } catch {
            throw SettingsError(variable: "REDIS_URL", reason: "cannot be used: \(error)")
        }
        do {
            let keyID = reader.text("S3_ACCESS_KEY_ID")
            let secret = reader.text("S3_SECRET_ACCESS_KEY", isSecret: true)
            var credentials: S3Credentials?
            if let keyID, let secret {
                credentials = S3Credentials(
                    accessKeyID: keyID, secretAccessKey: secret,
                    sessionToken: reader.text("S3_SESSION_TOKEN", isSecret: true))
            }
            objects = try ObjectStoreConfiguration(
                url: reader.text("OBJECT_STORE") ?? "file://\(Self.dataFolder(reader))/objects",
                credentials: credentials)
        } catch { throw SettingsError(variable: "OBJECT_STORE", reason: "cannot be used: \(error)") }
    }

    /// `DATA_FOLDER`: where `freshet up` keeps everything (data), as an absolute path.
    package static func dataFolder(_ reader: SettingsReader) -> String {
        let folder = reader.text("DATA_FOLDER") ?? "data"
        return folder.hasPrefix("/") ? folder : "\(FileManager.default.currentDirectoryPath)/\(folder)"
    }
}
