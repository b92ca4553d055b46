// The signatures that AWS publishes: the SigV4 test suite's requests and the S3 examples of the specification.

import Testing

@testable import ObjectStore

@Suite struct SignatureV4Tests {
    /// A request of AWS's SigV4 test suite (`aws-sig-v4-test-suite`), signed for `service` in us-east-1.
    struct SuiteRequest: Sendable, CustomTestStringConvertible {
        var name: String
        var method = "GET"
        var path = "/"
        var query: [(name: String, value: String)] = []
        var headers: [(name: String, value: String)] = []
        var signedHeaders = "host;x-amz-date"
        var signature: String

        var testDescription: String { name }
    }

    static let suiteRequests = [
        SuiteRequest(
            name: "get-vanilla", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        SuiteRequest(
            name: "get-vanilla-query-order-key-case",
            query: [(name: "Param2", value: "value2"), (name: "Param1", value: "value1")],
            signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
        SuiteRequest(
            name: "get-vanilla-utf8-query", query: [(name: "ሴ", value: "bar")],
            signature: "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"),
        SuiteRequest(
            name: "get-unreserved",
            path: PercentEncoding.encodePath(
                "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
            signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"),
        SuiteRequest(
            name: "get-utf8", path: PercentEncoding.encodePath("/ሴ"),
            signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
        SuiteRequest(
            name: "get-header-value-trim",
            headers: [(name: "My-Header1", value: " value1"), (name: "My-Header2", value: " \"a   b   c\"")],
            signedHeaders: "host;my-header1;my-header2;x-amz-date",
            signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
        SuiteRequest(
            name: "post-vanilla", method: "POST",
            signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ]

    @Test(arguments: suiteRequests)
    func `a request of AWS's test suite gets AWS's signature`(_ request: SuiteRequest) {
        let credentials = S3Credentials(
            accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        let signer = SignatureV4(credentials: credentials, region: "us-east-1", service: "service")
        let authorization = signer.authorization(
            method: request.method, path: request.path, query: SignatureV4.canonicalQuery(request.query),
            headers: request.headers + [
                (name: "Host", value: "example.amazonaws.com"), (name: "X-Amz-Date", value: "20150830T123600Z"),
            ],
            payloadHash: SignatureV4.emptyPayloadHash, stamp: "20150830T123600Z")
        #expect(
            authorization == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request,"
                + "SignedHeaders=\(request.signedHeaders),Signature=\(request.signature)")
    }

    /// An example of "Authenticating Requests (AWS Signature Version 4)" in the S3 API reference.
    struct DocumentedRequest: Sendable, CustomTestStringConvertible {
        var name: String
        var method = "GET"
        var path = "/"
        var query: [(name: String, value: String)] = []
        var headers: [(name: String, value: String)] = []
        var body = ""
        var signature: String

        var testDescription: String { name }
    }

    static let documentedRequests = [
        DocumentedRequest(
            name: "GET object with a range", path: "/test.txt", headers: [(name: "Range", value: "bytes=0-9")],
            signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        DocumentedRequest(
            name: "PUT object", method: "PUT", path: "/" + PercentEncoding.encodePath("test$file.text"),
            headers: [
                (name: "Date", value: "Fri, 24 May 2013 00:00:00 GMT"),
                (name: "x-amz-storage-class", value: "REDUCED_REDUNDANCY"),
            ],
            body: "Welcome to Amazon S3.",
            signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
        DocumentedRequest(
            name: "GET bucket lifecycle", query: [(name: "lifecycle", value: "")],
            signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        DocumentedRequest(
            name: "GET bucket, list objects", query: [(name: "prefix", value: "J"), (name: "max-keys", value: "2")],
            signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ]

    @Test(arguments: documentedRequests)
    func `an S3 example of the specification gets its signature`(_ request: DocumentedRequest) {
        let credentials = S3Credentials(
            accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        let stamp = CalendarTime.stamp(seconds: 1_369_353_600)
        let payloadHash = SHA256Hasher.hex(of: Array(request.body.utf8))
        let authorization = SignatureV4(credentials: credentials, region: "us-east-1").authorization(
            method: request.method, path: request.path, query: SignatureV4.canonicalQuery(request.query),
            headers: request.headers + [
                (name: "Host", value: "examplebucket.s3.amazonaws.com"),
                (name: "x-amz-content-sha256", value: payloadHash), (name: "x-amz-date", value: stamp),
            ],
            payloadHash: payloadHash, stamp: stamp)
        #expect(stamp == "20130524T000000Z")
        #expect(authorization.hasSuffix("Signature=\(request.signature)"))
    }

    @Test func `a query is sorted by its encoded bytes, values after names`() {
        let query = [
            (name: "prefix", value: "a b/+%"), (name: "list-type", value: "2"), (name: "Z", value: "~"),
            (name: "a", value: "2"), (name: "a", value: "10"), (name: "uploads", value: ""),
        ]
        #expect(SignatureV4.canonicalQuery(query) == "Z=~&a=10&a=2&list-type=2&prefix=a%20b%2F%2B%25&uploads=")
    }

    @Test func `credentials show their secret in no form of output`() {
        let credentials = S3Credentials(accessKeyID: "id", secretAccessKey: "hush", sessionToken: "quiet")
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), dumped] {
            #expect(!text.contains("hush"))
            #expect(!text.contains("quiet"))
        }
    }
}
