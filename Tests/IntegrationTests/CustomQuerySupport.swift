import ExporterKit
import Foundation
import Logging
import PostgresClient
import Testing

@testable import ExporterCommand
@testable import pg_exporter

/// pg-exporter with files of custom queries.
struct CustomQueriesUnderTest {
    let folder: URL
    let exporter: PgExporterUnderTest

    /// - Parameter files: texts, each a file of its own in a folder that the flag names.
    init(_ url: String, _ files: [String], _ arguments: [String] = []) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("queries-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (index, text) in files.enumerated() {
            try Data(text.utf8).write(to: folder.appendingPathComponent("\(index).yml"))
        }
        exporter = try PgExporterUnderTest(url, ["--extend.query-path=\(folder.path)"] + arguments)
    }

    /// The custom queries alone.
    func scrape(within time: Duration = .seconds(20)) async -> Scrape {
        await exporter.scrape(within: time, only: ["custom_queries"])
    }

    func close() async {
        await exporter.close()
        try? FileManager.default.removeItem(at: folder)
    }
}

extension Scrape {
    /// Label sets of a metric, each as text.
    func labels(_ name: String) -> Set<String> {
        let samples = families.filter { $0.descriptor.name == name }.flatMap(\.samples)
        return Set(samples.map { $0.labels.pairs.map { "\($0.name)=\($0.value)" }.joined(separator: ",") })
    }

    /// Whether a custom query gave all.
    func success(_ query: String) -> Double? { value("pg_exporter_query_success", ["query": query]) }
}

extension PostgresUnderTest {
    /// Times that statements with this word in them were run.
    func calls(_ word: String) async throws -> Double {
        let sql = """
            SELECT coalesce(sum(calls), 0) FROM pg_stat_statements \
            WHERE query LIKE '%\(word)%' AND query LIKE 'SELECT count%'
            """
        return try #require(try await Self.execute([sql], at: superuser())?.number(0, 0))
    }
}
