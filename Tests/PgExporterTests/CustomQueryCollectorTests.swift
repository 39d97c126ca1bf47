import ExporterKit
import Foundation
import Logging
import PostgresClient
import Testing

@testable import ExporterCommand
@testable import pg_exporter

struct CustomQueryCollectorTests {
    /// A collector whose queries are in a file that a test may write again.
    private struct Site {
        let folder: URL
        let live: LiveQueries
        let collector: CustomQueryCollector

        init(_ text: String, options: LiveQueries.Options = LiveQueries.Options()) throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("live-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let file = folder.appendingPathComponent("q.yml")
            try Data(text.utf8).write(to: file)
            live = try LiveQueries([file.path], options: options)
            collector = CustomQueryCollector(live, discovering: false)
        }

        func write(_ text: String) throws {
            try Data(text.utf8).write(to: folder.appendingPathComponent("q.yml"))
        }

        func remove() { try? FileManager.default.removeItem(at: folder) }

        /// What one scrape gives, and why it is less than all.
        func decode(_ replies: [Reply<Answer>], on server: PostgresFacts) -> (series: [String], error: CollectorError?)
        {
            var sink = MetricSink()
            do throws(CollectorError) {
                try collector.decode(replies, from: server, into: &sink)
                return (series(sink), nil)
            } catch {
                return (series(sink), error)
            }
        }
    }

    private static let text = """
        a: {query: SELECT 1 AS v, metrics: [{v: {usage: GAUGE}}]}
        b: {query: SELECT 2 AS v, metrics: [{v: {usage: GAUGE}}]}
        """
    private static let broken = CollectorError(.query, "broken")

    private func reply(_ value: String) -> Reply<Answer> {
        Reply(.success(Answer(ResultTable(columns: ["v"], rows: [[value]]))), took: .milliseconds(250))
    }

    @Test func everyQuerySaysHowItWentAndAFailureCostsOnlyItself() throws {
        let site = try Site(Self.text)
        defer { site.remove() }
        #expect(site.collector.questions(for: facts()).count == 2)
        let (series, error) = site.decode([Reply(.failure(Self.broken), took: .zero), reply("2")], on: facts())
        #expect(series.contains("b_v{server=h:5432} 2"))
        #expect(series.contains("pg_exporter_query_success{query=a} 0"))
        #expect(series.contains("pg_exporter_query_success{query=b} 1"))
        #expect(series.contains("pg_exporter_query_duration_seconds{query=b} 0.25"))
        #expect(error == CollectorError(.query, "custom query a: broken"))
    }

    @Test func failedFatalQueryTakesTheOthersWithIt() throws {
        let site = try Site(Self.text.replacing("a: {", with: "a: {fatal: true, "))
        defer { site.remove() }
        let (series, error) = site.decode([Reply(.failure(Self.broken), took: .zero), reply("2")], on: facts())
        #expect(!series.contains { $0.hasPrefix("b_v") })
        #expect(series.contains("pg_exporter_query_success{query=b} 1"))
        #expect(error?.reason == .query)
        #expect(site.decode([reply("1"), reply("2")], on: facts()).series.contains("b_v{server=h:5432} 2"))
    }

    @Test func queriesOfOtherServersAreNotAsked() throws {
        let site = try Site(Self.text.replacing("a: {", with: "a: {runonserver: \">=16\", "))
        defer { site.remove() }
        #expect(site.collector.questions(for: facts(150_000)).map(\.statement.sql) == ["SELECT 2 AS v"])
        #expect(site.collector.questions(for: facts(160_000)).count == 2)
        let (series, _) = site.decode([reply("2")], on: facts(150_000))
        #expect(series.contains("b_v{server=h:5432} 2"))
        #expect(!series.contains { $0.contains("query=a") })
    }

    @Test func filesAreToldWithTheirDigestAndWhatFailed() throws {
        let site = try Site("a: {query: SELECT 1}")
        defer { site.remove() }
        let file = site.folder.appendingPathComponent("q.yml").path
        let digest = SHA256.hexadecimal(Array("a: {query: SELECT 1}".utf8))
        let name = "pg_exporter_user_queries_load_error"
        #expect(
            site.decode([reply("1")], on: facts()).series
                .contains("\(name){filename=\(file),hashsum=\(digest)} 0"))
        try site.write("a: {qery: SELECT 1}")
        #expect(throws: ConfigurationError.self) { try site.live.reload() }
        #expect(
            site.decode([reply("1")], on: facts()).series.contains("\(name){filename=\(file),hashsum=} 1"))
    }

    @Test func reloadIsAllOrNothingAndAScrapeKeepsItsSet() throws {
        let site = try Site(Self.text)
        defer { site.remove() }
        var running = facts()
        running.queries = site.live.current
        try site.write("c: {query: SELECT 3 AS v, metrics: [{v: {usage: GAUGE}}]}")
        try site.live.reload()
        #expect(site.collector.questions(for: running).count == 2)
        #expect(site.decode([reply("1"), reply("2")], on: running).series.contains("a_v{server=h:5432} 1"))
        #expect(site.collector.questions(for: facts()).map(\.statement.sql) == ["SELECT 3 AS v"])
        try site.write("c: {query: SELECT 3}\nd: {query: SELECT 4; SELECT 5}")
        #expect(throws: ConfigurationError.self) { try site.live.reload() }
        #expect(site.live.current.queries.map(\.key) == ["c"])
    }

    @Test func checkConfigReadsTheFiles() throws {
        let site = try Site(Self.text)
        defer { site.remove() }
        let folder = site.folder.path
        func make(_ arguments: [String]) throws -> Exporter {
            let context = ProgramContext(
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                environment: ["DATA_SOURCE_NAME": "host=h"])
            return try PgExporter.make(try PgExporter.parse(arguments), context)
        }
        _ = try make(["--extend.query-path=\(folder)"])
        #expect(throws: ConfigurationError.self) { try make(["--extend.query-path=\(folder),/nowhere"]) }
        let listed = try PgExporter.configuredMetrics(try PgExporter.parse(["--extend.query-path=\(folder)"]))
        #expect(listed.contains { $0.name == "a_v" })
        let flags = try PgExporter.parse([], environment: ["PG_EXPORTER_EXTEND_QUERY_PATH": "\(folder)/q.yml"])
        #expect(try QueryFlags.load(flags)?.current.queries.count == 2)
        let repeated = try PgExporter.parse(["--extend.query-path=\(folder)/q.yml", "--extend.query-path=\(folder)"])
        #expect(throws: ConfigurationError.self) { try QueryFlags.load(repeated) }
        #expect(try QueryFlags.load(try PgExporter.parse([])) == nil)
    }

    @Test func explanationWithoutAServerIsAnError() async throws {
        let context = ProgramContext(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let exporter = try PgExporter.make(try PgExporter.parse(["--explain"]), context)
        let explain = try #require(exporter.actions["explain"])
        await #expect(throws: UsageError.self) { try await explain(.after(.seconds(1))) }
        #expect(try await exporter.actions["dumpmaps"]?(.after(.seconds(1))).contains("pg_stat_database:") == true)
    }

    @Test func dumpedMapsCanBeReadAgain() throws {
        let site = try Site(Self.text)
        defer { site.remove() }
        let text = MapDump.text(Collectors.all(), site.live.current)
        let document = try YAMLDocument(text: text, name: "dump")
        let keys = try document.root.entries().map(\.key)
        #expect(keys.contains("pg_stat_database") && keys.contains("a"))
        #expect(text.contains("    - \"xact_commit\":\n        usage: COUNTER\n        description: \"Transactions"))
    }
}
