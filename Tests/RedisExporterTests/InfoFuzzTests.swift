import ExporterKit
import Foundation
import RedisClient
import TestSupport
import Testing

@testable import redis_exporter

/// The reader of INFO and all that reads from it, against what no server should send. Each round has its own seed, so a
/// failure can be repeated: FLEET_FUZZ_ITERATIONS=1 FLEET_FUZZ_SEED=<seed>.
@Suite struct InfoFuzzTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let iterations = environment["FLEET_FUZZ_ITERATIONS"].flatMap { Int($0) } ?? 150
    private static let firstSeed = environment["FLEET_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1

    private static let recorded = ["redis7", "redis7-replica", "redis8", "valkey8", "keydb", "dragonfly"]
    private static let collectors = Collectors.all(CollectorOptions(includesSystem: true))
        .compactMap { $0 as? any QueryCollector<RedisSession> }
    /// Words with a meaning somewhere, and numbers at the edge.
    private static let words = [
        "slave0:", "db0:keys=", "db18446744073709551615:keys=1", "master_1_host:", "cmdstat_", "=", ",", ":", "#", "# ",
        "\r\n", "\n", "\0", "-1", "nan", "inf", "1e999", "9223372036854775807", "18446744073709551616", "%",
        "# Keysizes\n",
        "db0_distrib_strings_sizes:16E=1", "latency_percentiles_usec_x:p50=", "id=1 addr=a:1 name=x y= flags=b ",
        "thread_", "_clients", "\u{FFFD}", "é",
    ]

    @Test(.timeLimit(.minutes(10)))
    func noTextMakesAReaderFail() throws {
        let texts = try Self.recorded.map { Array(try Fixture.text("\($0).info").utf8) }
        for round in 0..<UInt64(Self.iterations) {
            var random = Numbers(seed: Self.firstSeed + round)
            let bytes = Self.bytes(&random, texts)
            let info = InfoDocument(String(decoding: bytes, as: UTF8.self))
            let server = RedisServer(info)
            let samples = Self.collectors.reduce(0) { $0 + Self.read($1, server, &random) }
            // Never more than a line can hold, and the zeros of at most 10,000 databases.
            #expect(samples < bytes.count * 4 + 20_100, "seed \(Self.firstSeed + round)")
        }
    }

    private static func bytes(_ random: inout Numbers, _ texts: [[UInt8]]) -> [UInt8] {
        var bytes = random.next(below: 10) == 0 ? [] : texts[random.next(below: texts.count)]
        for _ in 0..<random.next(below: 40) {
            let place = random.next(below: bytes.count + 1)
            switch random.next(below: 5) {
            case 0: bytes.insert(contentsOf: words[random.next(below: words.count)].utf8, at: place)
            case 1: bytes.removeSubrange(place..<min(bytes.count, place + random.next(below: 60)))
            case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            case 3: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &random) }
            default:
                bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + random.next(below: 200))], at: place)
            }
        }
        return bytes
    }

    /// Lets one collector read the server and random answers to its questions.
    ///
    /// - Returns: how many samples it makes.
    private static func read<C: QueryCollector<RedisSession>>(
        _ collector: C, _ server: RedisServer, _ random: inout Numbers
    ) -> Int {
        var replies: [Reply<RedisValue>] = []
        for _ in collector.questions(for: server) { replies.append(Reply(.success(value(&random, 4)), took: .zero)) }
        var sink = MetricSink()
        try? collector.decode(replies, from: server, into: &sink)
        return sink.families.reduce(0) { $0 + $1.count } - replies.count * 2_000
    }

    private static func value(_ random: inout Numbers, _ depth: Int) -> RedisValue {
        switch random.next(below: depth == 0 ? 4 : 6) {
        case 0: return .integer(Int64.random(in: .min ... .max, using: &random))
        case 1: return .bulk((0..<random.next(below: 4)).map { _ in words[random.next(below: words.count)] }.joined())
        case 2: return .null
        case 3: return .error("ERR \(words[random.next(below: words.count)])")
        default: return .array((0..<random.next(below: 7)).map { _ in value(&random, depth - 1) })
        }
    }
}
