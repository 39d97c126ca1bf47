import ExporterKit
import Foundation
import Glibc
import Logging
import PostgresClient
import Synchronization
import Testing

@testable import ExporterCommand
@testable import pg_exporter

/// One of the two servers, as the tests use it.
struct PostgresUnderTest: Sendable, CustomTestStringConvertible {
    let major: Int
    var testDescription: String { "PostgreSQL \(major)" }

    static let all = [PostgresUnderTest(major: 15), PostgresUnderTest(major: 17)]

    func superuser() throws -> String { try FleetServers()("FLEET_PG\(major)_URL") }
    func monitor() throws -> String { try FleetServers()("FLEET_PG\(major)_MONITOR_URL") }

    /// A connection string of this server for another database.
    static func url(_ url: String, database: String) throws -> String {
        var parts = try #require(URLComponents(string: url))
        parts.path = "/" + database
        return try #require(parts.string)
    }

    /// A database of its own for a test, dropped afterwards.
    ///
    /// - Parameter use: is given the database's name.
    func withDatabase(_ statements: [String] = [], _ use: (String) async throws -> Void) async throws {
        let name = "test_\(UInt32.random(in: 0...UInt32.max))"
        try await Self.execute(["CREATE DATABASE \(name)"], at: superuser())
        do {
            try await Self.execute(statements, at: Self.url(superuser(), database: name))
            try await use(name)
        } catch {
            _ = try? await Self.execute(["DROP DATABASE \(name) WITH (FORCE)"], at: superuser())
            throw error
        }
        try await Self.execute(["DROP DATABASE \(name) WITH (FORCE)"], at: superuser())
    }

    /// Runs statements one after another.
    @discardableResult
    static func execute(_ statements: [String], at url: String) async throws -> ResultTable? {
        let connection = PostgresConnection.forTests(url, readOnly: false)
        defer { Task { await connection.close() } }
        var last: ResultTable?
        for sql in statements {
            let replies = await connection.run([Statement(sql, prepared: false)], until: .now + .seconds(60))
            last = try replies.first?.result.get()
        }
        return last
    }
}

extension PostgresConnection {
    /// A connection that waits for locks as long as the call lasts.
    static func forTests(_ url: String, name: String = "fleet-tests", readOnly: Bool = true) -> PostgresConnection {
        var options = PostgresOptions(conninfo: url, applicationName: name)
        options.readOnly = readOnly
        options.lockTimeout = nil
        options.searchPath = nil
        return PostgresConnection(options)
    }

    /// Runs one statement whose success the test takes for granted.
    func query(_ sql: String, within time: Duration = .seconds(20)) async throws -> ResultTable {
        let replies = await run([Statement(sql, prepared: false)], until: .now + time)
        return try #require(replies.first).result.get()
    }
}

/// pg-exporter inside of the test's process, made by its flags and environment.
struct PgExporterUnderTest {
    let exporter: Exporter
    let log = RecordedLog()

    init(_ url: String, _ arguments: [String] = []) throws {
        try self.init(arguments, environment: ["DATA_SOURCE_NAME": url])
    }

    init(_ arguments: [String] = [], environment: [String: String]) throws {
        let flags = try PgExporter.parse(arguments)
        let log = log
        let context = ProgramContext(
            logger: Logger(label: "test") { _ in log.handler },
            enabledCollectors: PgExporter.enabledCollectors(flags), environment: environment)
        exporter = try PgExporter.make(flags, context)
    }

    func scrape(within time: Duration = .seconds(20), only names: Set<String>? = nil) async -> Scrape {
        await Scrape(of: exporter, within: time, only: names)
    }

    /// Releases the connection, as the program does at its end.
    func close() async { await exporter.close?() }
}

/// A metric that a server of some version must have.
struct ExpectedMetric {
    let name: String
    let kind: MetricKind
    let labels: [String]

    /// What only a server in a certain situation has.
    private static let rare = [
        "pg_index_invalid", "pg_index_unused_largest", "pg_sequence_usage", "pg_sequence_last", "pg_stat_progress_",
        "pg_replication_slot", "pg_stat_replication", "pg_stat_subscription", "pg_subscription",
        "pg_stat_database_checksum_", "pg_stat_archiver_last_archive_age",
    ]

    /// Everything that the tables of the collectors that are on promise for a version; that these are upstream's names
    /// is the catalogue test's to see.
    static func all(for major: Int) -> [ExpectedMetric] {
        let collectors = Collectors.all().filter(\.descriptor.enabledByDefault)
        let all = collectors.compactMap { $0 as? TableCollector }.flatMap(\.tables).flatMap { table in
            table.metrics.rows.filter { $0.applies(to: ServerVersion(major)) }.map { row in
                let metric = table.metrics.descriptor(of: row)
                return ExpectedMetric(name: metric.name, kind: metric.kind, labels: table.metrics.labels.sorted())
            }
        }
        return all.filter { metric in !rare.contains { metric.name.hasPrefix($0) } }
    }
}

/// A TCP port of loopback that nobody uses now.
func unusedPort() throws -> Int {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { Glibc.close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutableBytes(of: &address) { bytes -> Bool in
        guard let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress else { return false }
        return bind(socket, pointer, length) == 0 && getsockname(socket, pointer, &length) == 0
    }
    return try #require(isBound ? Int(UInt16(bigEndian: address.sin_port)) : nil)
}
