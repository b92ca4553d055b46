// The files compiled into the binary, by name. CEmbedded holds the bytes; nobody else imports it.

import CEmbedded

/// A file that is part of the executable. The raw value is its name in CEmbedded's table.
package enum EmbeddedFile: String, CaseIterable, Sendable {
    /// The configuration of the private Redis.
    case redisConfiguration = "redis/redis.conf"
    /// The users of Redis and what each may do.
    case redisUsers = "redis/users.acl"
    /// The Redis Function library for the event stream.
    case eventsFunctions = "redis/functions/events.lua"
    /// The Redis Function library for generations.
    case generationsFunctions = "redis/functions/generations.lua"
    /// The Redis Function library for online state.
    case onlineFunctions = "redis/functions/online.lua"
    /// The Redis Function library for live quality.
    case qualityFunctions = "redis/functions/quality.lua"
    /// The Redis Function library for training on request.
    case trainingFunctions = "redis/functions/training.lua"
    /// The gateway's OpenAPI document.
    case gatewayOpenAPI = "openapi/gateway.json"
    /// The ingest service's OpenAPI document.
    case ingestOpenAPI = "openapi/ingest.json"
    /// The features service's OpenAPI document.
    case featuresOpenAPI = "openapi/features.json"
    /// The console: the page, its style sheet and its script.
    case consolePage = "console/index.html"
    case consoleStyle = "console/console.css"
    case consoleScript = "console/console.js"
    /// Swagger UI's style sheet.
    case swaggerStyle = "swagger-ui/swagger-ui.css"
    /// Swagger UI itself.
    case swaggerScript = "swagger-ui/swagger-ui-bundle.js"
    /// The icon of the documentation page.
    case swaggerIcon = "swagger-ui/favicon-32x32.png"

    /// Calls `body` with the file's bytes, which are not copied.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        let file = freshet_embedded_file(rawValue)
        // A test reads every case, so a name that is missing from the table does not leave the house.
        precondition(file.bytes != nil, "\(rawValue) is missing from the table in CEmbedded.c")
        return try body(UnsafeRawBufferPointer(start: file.bytes, count: file.count))
    }

    /// A copy of the file's bytes.
    package var bytes: [UInt8] { withBytes { Array($0) } }

    /// The file as text.
    package var text: String { withBytes { String(decoding: $0, as: UTF8.self) } }
}
