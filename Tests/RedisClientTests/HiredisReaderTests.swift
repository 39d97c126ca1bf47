import Testing

@testable import RedisClient

@Suite struct HiredisReaderTests {
    /// Feeds the text in pieces of a given size and returns the replies, up to the first error.
    private func read(
        _ text: String, pieces: Int = .max, limit: Int = 1 << 20
    ) -> (values: [RedisValue], error: RedisError?) {
        read(Array(text.utf8), pieces: pieces, limit: limit)
    }

    private func read(_ bytes: [UInt8], pieces: Int, limit: Int) -> (values: [RedisValue], error: RedisError?) {
        var values: [RedisValue] = []
        do {
            var reader = try HiredisReader(maximumReplyBytes: limit)
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = Array(rest.prefix(pieces))
                rest = rest.dropFirst(piece.count)
                try piece.withUnsafeBytes { bytes in try reader.feed(bytes) }
                while let value = try reader.next() { values.append(value) }
            }
            return (values, nil)
        } catch {
            return (values, error as? RedisError)
        }
    }

    @Test(arguments: [
        ("+OK\r\n", RedisValue.simple("OK")),
        ("-ERR no\r\n", .error("ERR no")),
        (":-42\r\n", .integer(-42)),
        ("$5\r\nhe\r\no\r\n", .bulk(Array("he\r\no".utf8))),
        ("$0\r\n\r\n", .bulk([])),
        ("$-1\r\n", .null),
        ("*-1\r\n", .null),
        ("*0\r\n", .array([])),
        ("*2\r\n*1\r\n:1\r\n*0\r\n", .array([.array([.integer(1)]), .array([])])),
        ("*3\r\n$1\r\na\r\n-NOPERM x\r\n$-1\r\n", .array([.bulk([97]), .error("NOPERM x"), .null])),
    ])
    func readsEveryKindOfReply(wire: String, expected: RedisValue) {
        for pieces in [1, 2, 3, Int.max] {
            let (values, error) = read(wire, pieces: pieces)
            #expect(values == [expected])
            #expect(error == nil)
        }
    }

    @Test func repliesOfOnePacketComeOutInOrder() {
        let (values, error) = read("+A\r\n*1\r\n+B\r\n:3\r\n+unfin")
        #expect(values == [.simple("A"), .array([.simple("B")]), .integer(3)])
        #expect(error == nil)
    }

    @Test(arguments: [
        "HTTP/1.1 400 Bad Request\r\n\r\n", "*99999999999999\r\n", "*2147483647\r\n$99999999999999999\r\n", "$-7\r\n",
        "*-9\r\n",
        ":abc\r\n", "\0\0\0\0\r\n", "%1\r\n+a\r\n+b\r\n",
    ])
    func nonsenseIsAProtocolErrorOrNothing(wire: String) {
        let (values, error) = read(wire)
        #expect(values.isEmpty)
        #expect(error == nil || error?.kind == .protocol)
    }

    @Test func nestingBeyondTheLimitIsAnError() {
        let (values, error) = read(String(repeating: "*1\r\n", count: 100) + ":1\r\n")
        #expect(values.isEmpty)
        #expect(error?.kind == .protocol)
    }

    @Test func replyBeyondTheSizeLimitIsAnError() {
        let (values, error) = read("$100000\r\n" + String(repeating: "x", count: 5_000), pieces: 100, limit: 1_000)
        #expect(values.isEmpty)
        #expect(error?.kind == .protocol)
        #expect(error?.message.contains("1000") == true)
    }

    @Test func manySmallRepliesTogetherMayExceedTheLimit() {
        let (values, error) = read(String(repeating: ":1\r\n", count: 1_000), pieces: 64, limit: 200)
        #expect(values.count == 1_000)
        #expect(error == nil)
    }

    @Test func arrayThatPromisesMuchAndGivesNothingTakesNoMemory() {
        let (values, error) = read(String(repeating: "*2147483647\r\n", count: 7))
        #expect(values.isEmpty)
        #expect(error == nil || error?.kind == .protocol)
    }

    @Test func randomBytesNeverTrap() {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("+-:$*\r\n0123456789abc".utf8)
        for round in 0..<3_000 {
            let length = Int.random(in: 1...80, using: &random)
            let bytes = (0..<length).map { _ in
                round % 3 == 0 ? UInt8.random(in: 0...255, using: &random) : alphabet.randomElement(using: &random) ?? 0
            }
            let (values, _) = read(bytes, pieces: Int.random(in: 1...9, using: &random), limit: 4_096)
            #expect(values.count <= length)
        }
    }
}
