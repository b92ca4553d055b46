// Where the objects are, read from one URL, so that a single setting exchanges S3 for a directory. Keys come
// separately: a URL ends up in logs, a secret must not.

package import Logging

/// An S3 access key. Its secret shows in no description, dump or error.
package struct S3Credentials: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    package let accessKeyID: String
    let secretAccessKey: String
    let sessionToken: String?

    package init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }

    package var description: String { "access key \(accessKeyID)" }
    package var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }
}

/// How patient a store is with its server. The defaults suit S3 over the internet.
package struct S3Limits: Sendable, Hashable {
    /// Time for name look-up, TCP and TLS.
    package var connectTimeoutMs = 5_000
    /// A transfer in which no byte moved for this long has failed.
    package var stallTimeoutMs = 30_000
    /// Bound for one attempt of any request except a streamed read, which only a stall ends.
    package var requestTimeoutMs = 120_000
    /// Attempts per request, the first included. A streamed read counts anew after each MiB of progress.
    package var attemptsMax = 5
    /// The first pause before a retry is random below this; the bound doubles from retry to retry.
    package var backoffBaseMs = 100
    /// The bound for the pause stops growing here.
    package var backoffMaxMs = 5_000
    /// Uploads longer than this go in parts of this size; S3 wants at least 5 MiB and at most 10,000 parts.
    package var partBytes = 8 * 1024 * 1024
    /// Connections open at once; further requests wait for one, at most `connectTimeoutMs`.
    package var connectionsMax = 32

    package init() {}
}

/// A bucket and how to reach it.
package struct S3Location: Sendable, Hashable {
    /// How the bucket is named in a request.
    package enum Style: String, Sendable, CaseIterable {
        /// In the path, `https://endpoint/bucket/key`: what most S3 look-alikes want.
        case path
        /// In the host, `https://bucket.endpoint/key`: what AWS wants.
        case virtual
    }

    package var bucket: String
    /// Put before every key, with a slash between; empty for none.
    package var prefix: String
    /// Scheme, host and port, without a slash at the end.
    package var endpoint: String
    package var region: String
    package var style: Style
    /// A PEM file with the authorities to trust instead of the system's.
    package var authorityFile: String?
}

/// Everything that opening a store takes.
package struct ObjectStoreConfiguration: Sendable {
    package enum Location: Sendable, Hashable {
        case directory(path: String)
        case s3(S3Location)
    }

    package var location: Location
    package var credentials: S3Credentials?
    package var limits = S3Limits()

    /// Reads a store's URL.
    ///
    /// - `file:///absolute/path`: a local directory.
    /// - `s3://bucket/prefix?region=…&endpoint=…&style=…&ca_file=…`: S3. All parameters are optional: `region` is
    ///   us-east-1; `endpoint` is AWS's own for the region; `style` is `path` with an endpoint and `virtual` without.
    ///
    /// - Parameter credentials: the keys; S3 needs them.
    /// - Throws: `.configuration` with what is wrong and how it should look.
    package init(url: String, credentials: S3Credentials? = nil) throws(ObjectStoreError) {
        self.credentials = credentials
        if url.hasPrefix("file://") {
            location = .directory(path: try Self.directoryPath(url.dropFirst("file://".count), url: url))
        } else if url.hasPrefix("s3://") {
            location = .s3(try S3Location(url: url))
        } else {
            throw ObjectStoreError(
                .configuration, "'\(url)' is no object store; write file:///absolute/path or s3://bucket/prefix")
        }
    }

    private static func directoryPath(_ text: Substring, url: String) throws(ObjectStoreError) -> String {
        guard text.hasPrefix("/"), let path = PercentEncoding.decode(text, plusIsSpace: false), !path.utf8.contains(0)
        else {
            throw ObjectStoreError(
                .configuration, "'\(url)' names no absolute path; write file:///absolute/path, three slashes")
        }
        return path
    }
}

/// Opens the store that a configuration describes. Nothing is asked of a server yet.
///
/// - Throws: `.configuration`, or what prevents the directory from being created.
package func makeObjectStore(
    _ configuration: ObjectStoreConfiguration,
    logger: Logger
) throws(ObjectStoreError) -> any ObjectStore {
    switch configuration.location {
    case .directory(let path):
        return try DirectoryObjectStore(path: path)
    case .s3(let location):
        guard let credentials = configuration.credentials else {
            throw ObjectStoreError(
                .configuration, "bucket '\(location.bucket)' needs an access key id and a secret access key")
        }
        return try S3ObjectStore(
            location: location, credentials: credentials, limits: configuration.limits, logger: logger)
    }
}
