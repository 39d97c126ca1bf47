import ExporterKit
import Foundation
import Glibc
import Logging
import PostgresClient
import Synchronization
import Testing

@testable import ExporterCommand
@testable import pg_exporter

/// One of the servers, as the tests use it.
struct PostgresUnderTest: Sendable, CustomTestStringConvertible {
    let major: Int
    /// The standby of that version.
    var isReplica = false
    var testDescription: String { "PostgreSQL \(major)\(isReplica ? ", replica" : "")" }

    /// The two that most tests need.
    static let all = [PostgresUnderTest(major: 15), PostgresUnderTest(major: 17)]
    /// Every major version there is. 17 publishes to 18 and streams to the replica.
    static let primaries = [13, 15, 17, 18].map { PostgresUnderTest(major: $0) }
    static let replica = PostgresUnderTest(major: 17, isReplica: true)

    private var variable: String { "FLEET_PG\(major)\(isReplica ? "REPLICA" : "")" }
    func superuser() throws -> String { try FleetServers()("\(variable)_URL") }
    func monitor() throws -> String { try FleetServers()("\(variable)_MONITOR_URL") }

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

/// A TCP port of loopback that nobody uses now.
func unusedPort() throws -> Int {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { Glibc.close(socket) }
    var address = sockaddr_in.loopback(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = address.withPointer { pointer in
        bind(socket, pointer, length) == 0 && getsockname(socket, pointer, &length) == 0
    }
    return try #require(isBound ? Int(UInt16(bigEndian: address.sin_port)) : nil)
}
