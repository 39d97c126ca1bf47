import Testing

@testable import app_exporter

/// Answers of name servers, byte by byte.
@Suite struct DNSMessageTests {
    private let question: DNSQuestion

    init() throws {
        question = try #require(DNSType("A").flatMap { DNSQuestion("www.example.com", $0) })
    }

    /// Header and question, then whatever a test adds.
    private func answer(flags: UInt16 = 0x8180, counts: [UInt16], _ rest: [UInt8]) -> [UInt8] {
        var bytes = DNSMessage.query(question, id: 7)
        bytes.replaceSubrange(2..<4, with: [UInt8(flags >> 8), UInt8(flags & 0xff)])
        for (index, count) in counts.enumerated() {
            bytes.replaceSubrange((6 + 2 * index)..<(8 + 2 * index), with: [UInt8(count >> 8), UInt8(count & 0xff)])
        }
        return bytes + rest
    }

    /// A record of the name asked for: a reference to it, type, class, 60 s, data.
    private func record(_ type: UInt16, _ data: [UInt8]) -> [UInt8] {
        [
            0xc0, 12, UInt8(type >> 8), UInt8(type & 0xff), 0, 1, 0, 0, 0, 60, UInt8(data.count >> 8),
            UInt8(data.count & 0xff),
        ]
            + data
    }

    @Test func aQuestionIsWrittenAsRFC1035Says() {
        #expect(
            DNSMessage.query(question, id: 0x1234) == [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
                + [3] + Array("www".utf8) + [7] + Array("example".utf8) + [3] + Array("com".utf8) + [0, 0, 1, 0, 1])
    }

    @Test(
        arguments: [
            (1, [192, 0, 2, 1], "A\t192.0.2.1"),
            (28, [0x20, 1, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [1], "AAAA\t2001:db8::1"),
            (28, [UInt8](repeating: 0, count: 16), "AAAA\t::"),
            (28, [0, 1, 0, 0, 0, 2, 0, 3, 0, 0, 0, 0, 0, 4, 0, 5], "AAAA\t1:0:2:3::4:5"),
            (5, [0xc0, 16], "CNAME\texample.com."),
            (2, [2] + Array("ns".utf8) + [0xc0, 16], "NS\tns.example.com."),
            (12, [0], "PTR\t."),
            (15, [0, 10, 4] + Array("mail".utf8) + [0xc0, 16], "MX\t10 mail.example.com."),
            (16, [1, 0x61, 3, 0x22, 0x20, 0xff], "TXT\t\"a\" \"\\\" \\255\""),
            (33, [0, 1, 0, 2, 0, 80, 0xc0, 16], "SRV\t1 2 80 example.com."),
            (257, [0, 5] + Array("issueca.example".utf8), "CAA\t0 issue \"ca.example\""),
            (
                6,
                [0xc0, 16, 0xc0, 12, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4],
                "SOA\texample.com. www.example.com. 9 1 2 3 4"
            ),
            (999, [1, 0xab], "TYPE999\t\\# 2 01ab"),
        ] as [(UInt16, [UInt8], String)])
    func recordsReadAsInZoneFiles(type: UInt16, data: [UInt8], expected: String) throws {
        let bytes = answer(counts: [1, 0, 0], record(type, data))
        let message = try #require(try DNSMessage(bytes, to: question, id: 7))
        #expect(message.rcode == "NOERROR")
        #expect(message.answers.map(\.description) == ["www.example.com.\t60\tIN\t\(expected)"])
        #expect(message.answers.first?.serial == (type == 6 ? 9 : nil))
    }

    @Test func namesAndTextsAreComparedLeniently() throws {
        let bytes = answer(counts: [2, 0, 0], record(2, [0xc0, 16]) + record(16, [1, 0x61, 1, 0x62]))
        let records = try #require(try DNSMessage(bytes, to: question, id: 7)).answers
        #expect(records[0].hasData("example.com") && records[0].hasData("example.com."))
        #expect(records[1].hasData("ab") && records[1].hasData("\"a\" \"b\"") && !records[1].hasData("a"))
    }

    @Test func anAnswerToSomebodyElseIsNone() throws {
        #expect(try DNSMessage(answer(counts: [0, 0, 0], []), to: question, id: 8) == nil)
        #expect(try DNSMessage(answer(flags: 0x0100, counts: [0, 0, 0], []), to: question, id: 7) == nil)
        let other = try #require(DNSType("A").flatMap { DNSQuestion("other.example.com", $0) })
        #expect(try DNSMessage(answer(counts: [0, 0, 0], []), to: other, id: 7) == nil)
    }

    @Test func codesAndTruncationAreTold() throws {
        #expect(try DNSMessage(answer(flags: 0x8183, counts: [0, 0, 0], []), to: question, id: 7)?.rcode == "NXDOMAIN")
        let cut = answer(flags: 0x8380, counts: [5, 0, 0], record(1, [192, 0, 2, 1]))
        #expect(try DNSMessage(cut, to: question, id: 7)?.isTruncated == true)
    }

    @Test func everyPrefixAndEveryFlippedByteIsReadOrRefused() throws {
        let whole = answer(
            counts: [3, 1, 0],
            record(15, [0, 10, 4] + Array("mail".utf8) + [0xc0, 16]) + record(16, [2, 0x61, 0x62])
                + record(1, [1, 2, 3, 4])
                + record(2, [0xc0, 16]))
        for count in whole.indices {
            #expect(throws: DNSError.self) {
                if try DNSMessage(Array(whole[..<count]), to: question, id: 7) != nil { return }
                throw DNSError(text: "none")
            }
        }
        for index in whole.indices {
            for value in [0, 0xc0, 0xff] as [UInt8] {
                var changed = whole
                changed[index] = value
                _ = try? DNSMessage(changed, to: question, id: 7)
            }
        }
    }

    @Test func aNameThatLeadsToItselfIsRefused() {
        let place = UInt8(DNSMessage.query(question, id: 7).count)
        let bytes = answer(counts: [1, 0, 0], [0xc0, place, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0])
        #expect(throws: DNSError.self) { try DNSMessage(bytes, to: question, id: 7) }
    }

    @Test(arguments: ["", "a..b", String(repeating: "a", count: 64), "a b"])
    func badNamesAreRefused(name: String) throws {
        #expect(DNSQuestion(name, try #require(DNSType("A"))) == nil)
    }
}
