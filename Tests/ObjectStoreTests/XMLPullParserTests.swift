// What S3's answers may contain, and what they must not get away with.

import Testing

@testable import ObjectStore

@Suite struct XMLPullParserTests {
    /// A document as `path=text` lines, in the order in which its elements end.
    private func leaves(_ xml: String) throws -> [String] {
        var lines: [String] = []
        try XMLPullParser.walk(Array(xml.utf8)) { path, text in
            lines.append(path.joined(separator: "/") + "=" + text)
        }
        return lines
    }

    @Test func `elements, attributes, comments and namespaces are read`() throws {
        let xml = """
            <?xml version="1.0" encoding="UTF-8"?>
            <!-- > a comment < -->
            <s3:List xmlns:s3="http://example.com/a>b" other='"/>'><Key>a</Key><Empty/><None /></s3:List>
            """
        #expect(try leaves(xml) == ["List/Key=a", "List/Empty=", "List/None=", "List="])
    }

    @Test func `entities and CDATA become their characters`() throws {
        let xml = "<Key>&lt;&amp;&gt;&quot;&apos;&#65;&#x416;<![CDATA[<b>&amp;]]>!</Key>"
        #expect(try leaves(xml) == ["Key=<&>\"'AЖ<b>&amp;!"])
    }

    @Test(arguments: [
        "", "no element", "<a>", "<a><b></a></b>", "</a>", "<a", "<a>&nbsp;</a>", "<a>&#xD800;</a>", "<a>&lt</a>",
        "<!DOCTYPE a><a/>", "<a><![CDATA[x</a>", "<a><!-- </a>", "<>x</>",
        String(repeating: "<a>", count: 40) + String(repeating: "</a>", count: 40),
    ])
    func `a broken document is refused`(_ xml: String) {
        #expect(throws: XMLPullParser.Failure.self) { try leaves(xml) }
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        #expect(throws: XMLPullParser.Failure.self) {
            try XMLPullParser.walk(Array("<a>".utf8) + [0xC3] + Array("</a>".utf8)) { _, _ in }
        }
    }

    @Test func `a document cut anywhere is refused`() throws {
        let xml = Array("<List><Key>a&amp;b</Key><![CDATA[x]]><Empty a='1'/></List>".utf8)
        for count in 0..<xml.count {
            #expect(throws: XMLPullParser.Failure.self, "cut at \(count)") {
                try XMLPullParser.walk(Array(xml[..<count])) { _, _ in }
            }
        }
    }
}
