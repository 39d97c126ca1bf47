import ExporterKit
import Foundation
import Glibc
import Logging
import RedisClient
import Testing

@testable import ExporterCommand
@testable import redis_exporter

/// One of the shared servers, as the tests use it. Nothing is changed on it.
struct RedisUnderTest: Sendable, CustomTestStringConvertible {
    let variable: String
    let testDescription: String

    static let redis7 = RedisUnderTest(variable: "FLEET_REDIS7_URL", testDescription: "Redis 7")
    static let redis8 = RedisUnderTest(variable: "FLEET_REDIS8_URL", testDescription: "Redis 8")
    static let valkey8 = RedisUnderTest(variable: "FLEET_VALKEY8_URL", testDescription: "Valkey 8.1")
    static let valkey9 = RedisUnderTest(variable: "FLEET_VALKEY9_URL", testDescription: "Valkey 9")
    static let all = [redis7, redis8, valkey8, valkey9]

    func url() throws -> String { try FleetServers()(variable) }
    func connection() throws -> RedisConnection { RedisConnection(try RedisOptions(url: url())) }
}

/// A Redis of a test's own: what is done to it disturbs nobody.
final class OwnRedis: Sendable {
    let port: Int
    let folder: String
    private let process: FleetProcess

    /// Starts it and waits until it answers.
    ///
    /// - Parameters:
    ///   - arguments: further settings, such as `--requirepass`, `x`.
    ///   - port: of a server that was there before; a free one by default.
    ///   - program: another server that takes the same arguments.
    init(_ arguments: [String] = [], port: Int? = nil, program: String = "redis-server") async throws {
        self.port = try port ?? unusedPort()
        folder = NSTemporaryDirectory() + "fleet-redis-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        process = try FleetProcess(
            program,
            ["--port", "\(self.port)", "--bind", "127.0.0.1", "--save", "", "--dir", folder] + arguments)
        let isUp = try await eventually(within: .seconds(20)) {
            self.process.standardOutput.contains("Ready to accept")
        }
        guard isUp else { throw FleetError("\(program) does not start: \(process.standardOutput)") }
    }

    deinit {
        process.signal(SIGKILL)
        try? FileManager.default.removeItem(atPath: folder)
    }

    var url: String { "redis://127.0.0.1:\(port)" }

    /// Holds it still (SIGSTOP), lets it go on (SIGCONT), ends it (SIGKILL).
    func signal(_ number: Int32) { process.signal(number) }

    func stop() async throws {
        process.signal(SIGKILL)
        _ = try await process.exitStatus()
    }
}

extension RedisConnection {
    /// Runs one command whose success the test takes for granted.
    @discardableResult
    func answer(_ command: RedisCommand, within time: Duration = .seconds(20)) async throws -> RedisValue {
        try #require(await run([command], until: .now + time).first).result.get()
    }
}

/// redis-exporter inside of the test's process, made by its flags.
struct RedisExporterUnderTest {
    let exporter: Exporter
    let log = RecordedLog()

    init(_ url: String, _ arguments: [String] = []) throws {
        let flags = try RedisExporter.parse(["-redis.addr", url] + arguments)
        let log = log
        let context = ProgramContext(
            logger: Logger(label: "test") { _ in log.handler },
            enabledCollectors: RedisExporter.enabledCollectors(flags))
        exporter = try RedisExporter.make(flags, context)
    }

    func scrape(within time: Duration = .seconds(20), only names: Set<String>? = nil) async -> Scrape {
        await Scrape(of: exporter, within: time, only: names)
    }

    /// Releases the connection, as the program does at its end.
    func close() async { await exporter.close?() }
}

extension Scrape {
    /// Everything as text, to look for what must not be there.
    var text: String { String(decoding: ExpositionFormat.text004.encode(families), as: UTF8.self) }

    /// The reason that the last scrape failed; empty for none.
    var redisError: String? {
        families.first { $0.descriptor.name == "redis_exporter_last_scrape_error" }?.samples.first?.labels.pairs.first?
            .value
    }
}
