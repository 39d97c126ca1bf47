import Foundation
import TestSupport
import Testing

@testable import RedisClient

/// The reader of replies against random and mutated bytes, in pieces of any size. Each round has its own seed, so a failure
/// can be repeated: FLEET_FUZZ_ITERATIONS=1 FLEET_FUZZ_SEED=<seed>.
@Suite struct ReplyFuzzTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let iterations = environment["FLEET_FUZZ_ITERATIONS"].flatMap { Int($0) } ?? 3_000
    private static let firstSeed = environment["FLEET_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1
    private static let limit = 1 << 16

    /// Whole replies of every kind.
    private static let replies = [
        "+OK\r\n", "-ERR no\r\n", ":-42\r\n", "$5\r\nhe\r\no\r\n", "$-1\r\n", "*-1\r\n", "*0\r\n",
        "*3\r\n$1\r\na\r\n-NOPERM x\r\n$-1\r\n", "*2\r\n*1\r\n:1\r\n*2\r\n+a\r\n*0\r\n",
        "*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
    ]
    private static let words = [
        "*2147483647\r\n", "$2147483647\r\n", "*-9\r\n", "$-7\r\n", ":9223372036854775808\r\n", "\r\n", "\n", "\r",
        "%1\r\n", "_\r\n", ",1.5\r\n", "#t\r\n", "*99999999999999999999\r\n", "\0",
    ]

    @Test(.timeLimit(.minutes(10)))
    func noBytesMakeTheReaderFail() {
        for round in 0..<UInt64(Self.iterations) {
            var random = Numbers(seed: Self.firstSeed + round)
            let bytes = Self.bytes(&random)
            let (values, taken) = Self.read(bytes, &random)
            #expect(values <= taken, "seed \(Self.firstSeed + round)")
        }
    }

    /// What was mutated nowhere comes out whole, whatever the pieces.
    @Test func wholeRepliesComeOutWhole() {
        for round in 0..<UInt64(min(Self.iterations, 500)) {
            var random = Numbers(seed: Self.firstSeed + round)
            let count = Int.random(in: 1...20, using: &random)
            let text = (0..<count).map { _ in Self.replies.randomElement(using: &random) ?? "" }.joined()
            #expect(Self.read(Array(text.utf8), &random).values == count, "seed \(Self.firstSeed + round)")
        }
    }

    private static func bytes(_ random: inout Numbers) -> [UInt8] {
        let count = Int.random(in: 0...12, using: &random)
        var bytes = Array((0..<count).map { _ in replies.randomElement(using: &random) ?? "" }.joined().utf8)
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0...4, using: &random) {
            case 0: bytes.insert(contentsOf: (words.randomElement(using: &random) ?? "").utf8, at: place)
            case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0...9, using: &random)))
            case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            case 3: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &random) }
            default:
                bytes.insert(
                    contentsOf: repeatElement(UInt8(ascii: "*"), count: Int.random(in: 0...300, using: &random)),
                    at: place)
            }
        }
        return bytes
    }

    /// - Returns: how many replies came out, and how many bytes went in until the end or the first error.
    private static func read(_ bytes: [UInt8], _ random: inout Numbers) -> (values: Int, taken: Int) {
        var values = 0
        var rest = bytes[...]
        do {
            var reader = try HiredisReader(maximumReplyBytes: limit)
            while !rest.isEmpty {
                let piece = Array(rest.prefix(Int.random(in: 1...40, using: &random)))
                rest = rest.dropFirst(piece.count)
                try piece.withUnsafeBytes { bytes in try reader.feed(bytes) }
                while try reader.next() != nil { values += 1 }
            }
        } catch { return (values, bytes.count - rest.count) }
        return (values, bytes.count)
    }
}
