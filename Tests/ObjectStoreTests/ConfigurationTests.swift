// Reading a store's URL, and the texts that a wrong one is answered with.

import Logging
import Testing

@testable import ObjectStore

@Suite struct ConfigurationTests {
    private func s3(_ url: String) throws -> S3Location {
        guard case .s3(let location) = try ObjectStoreConfiguration(url: url).location else {
            throw ObjectStoreError(.configuration, "not S3")
        }
        return location
    }

    @Test func `a bucket alone means AWS`() throws {
        let location = try s3("s3://my-bucket")
        #expect(location.endpoint == "https://s3.us-east-1.amazonaws.com")
        #expect(location.style == .virtual)
        #expect(location.prefix == "")
        let address = try S3Address(location)
        #expect(address.host == "my-bucket.s3.us-east-1.amazonaws.com")
        #expect(
            address.url(path: address.path(key: "a b/я"), query: "")
                == "https://my-bucket.s3.us-east-1.amazonaws.com/a%20b/%D1%8F")
        #expect(address.copySource(key: "a b") == "/my-bucket/a%20b")
    }

    @Test func `an endpoint means the bucket in the path`() throws {
        let location = try s3(
            "s3://bucket/a/b/?endpoint=http://127.0.0.1:8333&region=eu-west-3&ca_file=/etc/ca%20s.pem")
        #expect(location.prefix == "a/b")
        #expect(location.region == "eu-west-3")
        #expect(location.authorityFile == "/etc/ca s.pem")
        let address = try S3Address(location)
        #expect(address.host == "127.0.0.1:8333")
        #expect(address.url(path: address.path(key: nil), query: "x=") == "http://127.0.0.1:8333/bucket?x=")
    }

    @Test func `a style may be said, and a standard port is left out of the signed host`() throws {
        #expect(try S3Address(s3("s3://bucket?endpoint=https://S3.local:443&style=virtual")).host == "bucket.s3.local")
        #expect(try S3Address(s3("s3://bucket?endpoint=http://s3.local:80/&style=path")).host == "s3.local")
        #expect(try S3Address(s3("s3://bucket?endpoint=http://s3.local:443&style=path")).host == "s3.local:443")
    }

    @Test func `a directory is an absolute path`() throws {
        #expect(try ObjectStoreConfiguration(url: "file:///var/lib/a%20b").location == .directory(path: "/var/lib/a b"))
    }

    @Test(arguments: [
        ("", "no object store"), ("http://x/y", "no object store"), ("file://relative/path", "three slashes"),
        ("file:///a%00b", "absolute path"), ("s3://", "bucket's name"), ("s3://Bad_Bucket", "bucket's name"),
        ("s3://bucket/%zz", "percent"), ("s3://bucket/a//b", "slash"), ("s3://bucket/../b", ".."),
        ("s3://bucket?endpoit=http://x", "unknown parameter 'endpoit'"), ("s3://bucket?region", "no usable value"),
        ("s3://bucket?region=", "no usable value"), ("s3://bucket?region=a&region=b", "twice"),
        ("s3://bucket?region=a/b", "not a region"), ("s3://bucket?style=both", "known: path, virtual"),
        ("s3://bucket?endpoint=127.0.0.1:80", "neither http"), ("s3://bucket?endpoint=http://", "no plain host"),
        ("s3://bucket?endpoint=http://u:p@h", "no plain host"), ("s3://bucket?endpoint=http://h/path", "no plain host"),
    ])
    func `a wrong URL is answered with what is wrong`(_ url: String, _ reason: String) {
        #expect { try ObjectStoreConfiguration(url: url) } throws: { error in
            let text = "\(error)"
            return text.contains(reason)
        }
    }

    @Test func `S3 without keys is refused when the store is opened`() throws {
        let configuration = try ObjectStoreConfiguration(url: "s3://bucket")
        #expect { try makeObjectStore(configuration, logger: Logger(label: "test")) } throws: { error in
            (error as? ObjectStoreError)?.kind == .configuration
        }
    }

    @Test(arguments: [
        "", "/a", "a/", "a//b", ".", "..", "a/../b", "a/.", "a\0b", "a\\b", String(repeating: "a", count: 256),
        String(repeating: "a/", count: 512) + "a",
    ])
    func `a key that not every store can hold is refused`(_ key: String) {
        #expect { try ObjectKey.validate(key) } throws: { ($0 as? ObjectStoreError)?.kind == .invalidKey }
    }

    @Test(arguments: ["a", "...", "a..b/c", "-", " ", "я", String(repeating: "a/", count: 511) + "aa"])
    func `any other key is accepted`(_ key: String) throws {
        try ObjectKey.validate(key)
    }

    @Test(arguments: ["/a", "../", "a/../b", "a\0"])
    func `a listing prefix cannot leave the store`(_ prefix: String) {
        #expect { try ObjectKey.validatePrefix(prefix) } throws: { ($0 as? ObjectStoreError)?.kind == .invalidKey }
    }
}
