// Digests, times and percent encoding against published values.

import Testing

@testable import ObjectStore

@Suite struct CodecsTests {
    @Test func `SHA-256 gives the values of FIPS 180-2`() {
        #expect(
            SHA256Hasher.hex(of: Array("abc".utf8))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        var hasher = SHA256Hasher()
        for _ in 0..<1000 { hasher.update([UInt8](repeating: UInt8(ascii: "a"), count: 1000)) }
        #expect(hasher.finishHex() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func `HMAC-SHA256 gives the value of RFC 4231, case 2`() {
        let code = SHA256Hasher.authenticationCode(key: Array("Jefe".utf8), "what do ya want for nothing?")
        #expect(SHA256Hasher.hex(code) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test func `S3's three time formats agree`() {
        #expect(CalendarTime.milliseconds(iso: "2009-10-12T17:50:30.125Z") == 1_255_369_830_125)
        #expect(CalendarTime.milliseconds(iso: "2009-10-12T17:50:30Z") == 1_255_369_830_000)
        #expect(CalendarTime.milliseconds(http: "Mon, 12 Oct 2009 17:50:30 GMT") == 1_255_369_830_000)
        #expect(CalendarTime.stamp(seconds: 1_255_369_830) == "20091012T175030Z")
        #expect(CalendarTime.stamp(seconds: 951_782_400) == "20000229T000000Z")
    }

    @Test(arguments: ["", "yesterday", "2009-13-12T17:50:30Z", "2009-10-12T17:50Z", "Mon, 12 Okt 2009 17:50:30 GMT"])
    func `what is no time is none`(_ text: String) {
        #expect(CalendarTime.milliseconds(iso: text) == nil)
        #expect(CalendarTime.milliseconds(http: text) == nil)
    }

    @Test func `percent encoding keeps only unreserved characters and comes back`() {
        let text = "a b+%()'!*~=&#?/я"
        #expect(PercentEncoding.encode(text) == "a%20b%2B%25%28%29%27%21%2A~%3D%26%23%3F%2F%D1%8F")
        #expect(PercentEncoding.encodePath("a/я") == "a/%D1%8F")
        #expect(PercentEncoding.decode(PercentEncoding.encode(text), plusIsSpace: true) == text)
        #expect(PercentEncoding.decode("a+b", plusIsSpace: false) == "a+b")
        for broken in ["%", "%4", "%zz", "%FF"] {
            #expect(PercentEncoding.decode(broken, plusIsSpace: false) == nil)
        }
    }
}
