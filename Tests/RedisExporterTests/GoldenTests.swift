import ExporterKit
import Foundation
import RedisClient
import Testing

@testable import redis_exporter

/// Recorded answers of real servers and the exposition made of them.
///
/// After a wanted change: `UPDATE_GOLDEN=1 swift test --filter GoldenTests`, and read the difference.
enum Golden {
    /// Families of all collectors that need nothing but INFO, and of the keyspace with the server's 16 databases.
    static func families(_ server: String) throws -> [MetricFamily] {
        let facts = RedisServer(InfoDocument(try Fixture.text("\(server).info")))
        var sink = MetricSink()
        for collector in Collectors.all(CollectorOptions()) where collector.descriptor.enabledByDefault {
            if let collector = collector as? any InfoCollector { collector.decode(facts.info, into: &sink) }
            if let collector = collector as? KeyspaceCollector {
                let config = Reply<RedisValue>(.success(.texts("databases", "16")), took: .zero)
                try collector.decode([config], from: facts, into: &sink)
            }
        }
        return sink.families.filter { !$0.samples.isEmpty }.sorted { $0.descriptor.name < $1.descriptor.name }
    }
}

@Suite struct GoldenTests {
    @Test(arguments: ["redis7", "redis7-replica", "redis8", "valkey8", "valkey9"])
    func recordedServerGivesItsExposition(server: String) throws {
        let text = String(decoding: ExpositionFormat.text004.encode(try Golden.families(server)), as: UTF8.self)
        let file = "\(server).prom"
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try Data(text.utf8).write(to: Fixture.url(file))
        }
        let expected = try Fixture.text(file).split(separator: "\n")
        let actual = text.split(separator: "\n")
        #expect(actual.difference(from: expected).isEmpty, "\(actual.difference(from: expected))")
    }
}
