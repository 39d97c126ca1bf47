import Foundation
import Testing

/// A Prometheus of a test's own that scrapes one target: once by what it prefers (job `default`), and once for each
/// protocol that it is told to ask for (a job of the protocol's name). Native histograms and exemplars are on.
final class OwnPrometheus {
    /// One series of an answer.
    struct Series {
        let labels: [String: String]
        let value: Double
    }

    private let process: FleetProcess
    private let folder: URL
    private let url: String

    /// Starts it and waits until every job was scraped well.
    init(_ program: String, target: Int, protocols: [String]) async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("fleet-prom-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let jobs = ["default"] + protocols
        let lines = jobs.map { name in
            let asks = name == "default" ? "" : ", scrape_protocols: [\(name)]"
            return "  - { job_name: '\(name)'\(asks), static_configs: [{ targets: ['127.0.0.1:\(target)'] }] }\n"
        }
        let config = folder.appendingPathComponent("prometheus.yml")
        try "global: { scrape_interval: 1s, scrape_timeout: 1s }\nscrape_configs:\n\(lines.joined())"
            .write(to: config, atomically: true, encoding: .utf8)
        let port = try unusedPort()
        url = "http://127.0.0.1:\(port)/api/v1"
        process = try FleetProcess(
            program,
            [
                "--config.file=\(config.path)", "--storage.tsdb.path=\(folder.path)/data",
                "--web.listen-address=127.0.0.1:\(port)", "--enable-feature=native-histograms,exemplar-storage",
            ])
        let isUp = try await eventually(within: .seconds(30)) {
            (try? await self.value("count(up == 1)")) == Double(jobs.count)
        }
        let targets = try? await curl("\(url)/targets").body
        #expect(isUp, "\(targets ?? "")\n\(process.standardError.suffix(2000))")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func stop() async throws {
        process.signal(SIGTERM)
        _ = try await process.exitStatus()
    }

    /// What a query that gives one series answers.
    func value(_ query: String) async throws -> Double? {
        let series = try await self.query(query)
        return series.count == 1 ? series[0].value : nil
    }

    func query(_ query: String) async throws -> [Series] {
        let answer = try await curl("\(url)/query", ["--get", "--data-urlencode", "query=\(query)"])
        let document = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any]
        guard let data = document?["data"] as? [String: Any], let result = data["result"] as? [[String: Any]] else {
            throw FleetError("\(query): \(answer.body)")
        }
        return result.compactMap { series in
            guard let labels = series["metric"] as? [String: String], let pair = series["value"] as? [Any],
                pair.count == 2, let text = pair[1] as? String, let value = Double(text)
            else { return nil }
            return Series(labels: labels, value: value)
        }
    }

    /// The exemplars of a metric within the last hour, as JSON.
    func exemplars(_ name: String) async throws -> String {
        let now = Date().timeIntervalSince1970
        return try await curl(
            "\(url)/query_exemplars",
            ["--get", "-d", "query=\(name)", "-d", "start=\(now - 3600)", "-d", "end=\(now + 60)"]
        ).body
    }
}
