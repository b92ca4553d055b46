// What S3's error answers mean to a caller: the server's code decides, the HTTP status where there is none.

enum S3Failure {
    private static let messageCharactersMax = 300

    /// The error behind an answer whose status is not 2xx.
    ///
    /// - Parameter isBucketCall: the request named no object, so a bare 404 speaks of the bucket.
    static func error(_ head: HTTPHead, body: [UInt8], key: String, isBucketCall: Bool) -> ObjectStoreError {
        let (code, text) = parse(body)
        var kind = code.flatMap(kind(code:)) ?? kind(status: head.status)
        if code == nil, head.status == 404, isBucketCall { kind = .badBucket }
        return ObjectStoreError(
            kind, message(kind, code: code, text: text), key: key, status: head.status, serverCode: code)
    }

    /// The error in an answer whose status was 200 although the request failed later; nil when there is none.
    static func hidden(in body: [UInt8], key: String) -> ObjectStoreError? {
        guard !body.isEmpty else { return nil }
        let (code, text) = parse(body)
        guard let code else { return nil }
        let kind = kind(code: code) ?? .server
        return ObjectStoreError(kind, message(kind, code: code, text: text), key: key, status: 200, serverCode: code)
    }

    /// Code and message of an error document; nothing when it is none.
    private static func parse(_ body: [UInt8]) -> (code: String?, message: String?) {
        var code: String?
        var message: String?
        // A proxy's HTML page is no reason to fail in another way than the status says.
        try? XMLPullParser.walk(body) { path, text in
            if path == ["Error", "Code"] { code = text }
            if path == ["Error", "Message"] { message = String(text.prefix(messageCharactersMax)) }
        }
        return (code, message)
    }

    private static func kind(code: String) -> ObjectStoreError.Kind? {
        switch code {
        case "NoSuchKey": .notFound
        case "NoSuchBucket", "PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed",
            "InvalidBucketName", "IllegalLocationConstraintException":
            .badBucket
        case "AccessDenied", "SignatureDoesNotMatch", "InvalidAccessKeyId", "ExpiredToken", "InvalidToken",
            "RequestTimeTooSkewed", "AllAccessDisabled", "AccountProblem":
            .accessDenied
        case "SlowDown", "TooManyRequests", "RequestLimitExceeded", "ThrottlingException", "Throttling": .throttled
        case "RequestTimeout": .network
        case "InternalError", "ServiceUnavailable", "OperationAborted": .server
        case "PreconditionFailed", "NoSuchUpload", "ConditionalRequestConflict", "ObjectAlreadyInActiveTierError",
            "XMinioParentIsObject", "ExistingObjectIsDirectory", "ExistingObjectIsFile":
            .conflict
        case "InvalidRange": .invalidRange
        case "XAmzContentSHA256Mismatch", "BadDigest", "IncompleteBody": .corrupted
        case "EntityTooLarge": .tooLarge
        case "KeyTooLongError": .invalidKey
        default: nil
        }
    }

    private static func kind(status: Int) -> ObjectStoreError.Kind {
        switch status {
        case 301, 302, 307, 308: .badBucket
        case 401, 403: .accessDenied
        case 404: .notFound
        case 408: .network
        case 409, 412: .conflict
        case 413: .tooLarge
        case 416: .invalidRange
        case 429, 503: .throttled
        case 500...599: .server
        default: .rejected
        }
    }

    private static func message(_ kind: ObjectStoreError.Kind, code: String?, text: String?) -> String {
        let advice =
            switch (kind, code) {
            case (_, "SignatureDoesNotMatch"): "check the secret access key"
            case (_, "InvalidAccessKeyId"): "check the access key id"
            case (_, "RequestTimeTooSkewed"): "check this machine's clock"
            case (.accessDenied, _): "check the access key and its permissions"
            case (.badBucket, _): "check bucket, region and endpoint"
            case (.notFound, _): "no such object"
            default: ""
            }
        return [text ?? "S3 refused", advice].filter { !$0.isEmpty }.joined(separator: "; ")
    }
}
