import ExporterKit
import Foundation
import RedisClient

@testable import redis_exporter

/// Files next to the tests.
enum Fixture {
    static func url(_ name: String) -> URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/\(name)")
    }

    static func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: url(name)), as: UTF8.self)
    }
}

/// A sample as tests compare it: `redis_db_keys{db="db0"} 4`.
func lines(_ sink: MetricSink) -> [String] {
    String(decoding: ExpositionFormat.text004.encode(sink.families), as: UTF8.self)
        .split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
}

/// What a collector makes of an `INFO` and of replies to its questions.
///
/// - Parameter reply: by the words of the question; a question without one is refused as unknown.
func collect<C: QueryCollector<RedisSession>>(
    _ collector: C, info: String = "", reply: (String) -> Result<RedisValue, CollectorError>? = { _ in nil }
) -> (lines: [String], error: CollectorError?) {
    let server = RedisServer(InfoDocument(info))
    let replies = collector.questions(for: server).map { question in
        let words = question.arguments.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
        return Reply(reply(words) ?? .failure(CollectorError(.unsupported, words)), took: .zero)
    }
    var sink = MetricSink()
    do throws(CollectorError) {
        try collector.decode(replies, from: server, into: &sink)
        return (lines(sink), nil)
    } catch {
        return (lines(sink), error)
    }
}

extension RedisValue {
    /// Text as the server sends it.
    static func bulk(_ text: String) -> RedisValue { .bulk(Array(text.utf8)) }
    /// Several texts.
    static func texts(_ words: String...) -> RedisValue { .array(words.map { .bulk($0) }) }
}
