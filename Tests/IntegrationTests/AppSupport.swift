import ExporterKitTesting
import Foundation
import Glibc
import Testing

/// app-exporter as a process, with a configuration of the test's own.
final class AppExporterUnderTest {
    let process: FleetProcess
    private let folder: URL

    init(
        _ configuration: String, _ flags: [String] = [], file named: String? = nil, environment: [String: String] = [:]
    ) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("app-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent("app.yaml")
        try configuration.write(to: file, atomically: true, encoding: .utf8)
        process = try FleetProcess(
            "app-exporter", ["--config.file=\(named ?? file.path)", "--web.listen-address=127.0.0.1:0"] + flags,
            environment: environment)
    }

    deinit {
        process.signal(SIGKILL)
        try? FileManager.default.removeItem(at: folder)
    }

    func url() async throws -> String { "http://127.0.0.1:\(try await process.port())/metrics" }

    /// Series by name and labels as printed; a test asks for what it needs.
    func scrape() async throws -> [String: Double] {
        let samples = try Exposition(parsing: await curl(url()).body).samples
        return Dictionary(samples.map { ($0.series, $0.value) }) { _, last in last }
    }

    /// Scrapes until the condition holds.
    func scrape(until condition: ([String: Double]) -> Bool) async throws -> [String: Double] {
        var last: [String: Double] = [:]
        let isSo = try await eventually(within: .seconds(20)) {
            // A single request may fail while everything runs at once.
            last = (try? await scrape()) ?? last
            return condition(last)
        }
        let interesting = last.filter { $0.value != 0 && !$0.key.contains("_bucket") }.map { "\($0.key) \($0.value)" }
        try #require(isSo, "\(interesting.sorted().joined(separator: "\n"))\n\(process.standardError)")
        return last
    }
}
