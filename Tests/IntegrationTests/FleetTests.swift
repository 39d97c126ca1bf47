import ExporterKitTesting
import Foundation
import Testing

/// All three exporters as processes, under the tools of the field.
@Suite struct FleetTests {
    private static let loopback = "--web.listen-address=127.0.0.1:0"

    private struct Fleet {
        let pg: FleetProcess
        let redis: FleetProcess
        let app: FleetProcess

        init(_ servers: FleetServers, folder: URL) throws {
            pg = try FleetProcess(
                "pg-exporter", [FleetTests.loopback],
                environment: ["DATA_SOURCE_NAME": servers("FLEET_PG17_MONITOR_URL")])
            redis = try FleetProcess(
                "redis-exporter", [FleetTests.loopback, "-redis.addr", servers("FLEET_VALKEY8_URL")])
            let config = folder.appendingPathComponent("app.yaml")
            try FleetTests.appConfig.write(to: config, atomically: true, encoding: .utf8)
            app = try FleetProcess(
                "app-exporter", [FleetTests.loopback, "--config.file=\(config.path)"],
                environment: ["PG_DSN": servers("FLEET_PG17_URL"), "REDIS_URL": servers("FLEET_REDIS8_URL")])
        }

        var all: [(name: String, process: FleetProcess)] {
            [("pg", pg), ("redis", redis), ("app", app)]
        }
    }

    private static let appConfig = """
        sources:
          db: { postgres: { dsn: { env: PG_DSN } } }
          cache: { redis: { url: { env: REDIS_URL } } }
        groups:
          clock:
            source: db
            interval: 1s
            sql: SELECT 42 AS answer
            metrics:
              - { gauge: business_answer, value: answer, help: The answer. }
          pings:
            source: cache
            interval: 1s
            commands:
              - { run: [DBSIZE], gauge: business_keys, help: Keys now. }

        """

    /// A folder that the servers' root sees at the same path, removed afterwards.
    private func withFolder(_ servers: FleetServers, _ use: (URL) async throws -> Void) async throws {
        let folder = URL(fileURLWithPath: try servers("FLEET_DIR")).appendingPathComponent("test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await use(folder)
    }

    /// What promtool's linter says of names that are upstream's own and therefore stay: first letters, words, why.
    private static let upstreamNames: [(prefix: String, lint: String, why: String)] = [
        (
            "pg_stat", "counter metrics should have \"_total\" suffix",
            "postgres_exporter's counters without the suffix"
        ),
        (
            "pg_stat_archiver_", "non-histogram and non-summary metrics should not have", "columns of pg_stat_archiver"
        ),
        (
            "pg_stat_user_tables_", "non-histogram and non-summary metrics should not have",
            "columns of pg_stat_user_tables"
        ),
        ("pg_stat_", "metric names should not contain abbreviated units", "columns of pg_stat_* views"),
        ("pg_settings_", "metric", "names of server settings"),
        ("pg_locks_count", "suffix", "postgres_exporter's name of a gauge"),
        ("pg_stat_activity_count", "suffix", "postgres_exporter's name of a gauge"),
        ("redis_", "counter metrics should have \"_total\" suffix", "redis_exporter's counters without the suffix"),
        ("redis_", "non-counter metrics should not have \"_total\" suffix", "redis_exporter's gauges with the suffix"),
        ("redis_", "metric names should not contain abbreviated units", "redis_exporter's names with usec"),
        ("redis_", "use base unit", "redis_exporter's names in other units"),
        ("redis_", "non-histogram and non-summary metrics should not have", "redis_exporter's names with _count"),
    ]

    /// What a promtool newer than 2.53 finds too: the word of a type that is not the metric's own.
    private static let newerFindings: Set<PromtoolFinding> = [
        PromtoolFinding(metric: "pg_settings_wal_summary_keep_time_seconds", rule: "typeInName")
    ]

    @Test func promtoolAcceptsEveryOutput() async throws {
        let servers = FleetServers()
        let promtool = try servers("FLEET_PROMTOOL")
        try await withFolder(servers) { folder in
            for (name, exporter) in try Fleet(servers, folder: folder).all {
                let url = "http://127.0.0.1:\(try await exporter.port())/metrics"
                if name == "app" {
                    #expect(
                        try await eventually(within: .seconds(15)) {
                            let body = try await curl(url).body
                            return body.contains("\nbusiness_answer 42\n") && body.contains("\nbusiness_keys ")
                        })
                }
                let file = folder.appendingPathComponent("\(name).txt").path
                #expect(try await curl(url, ["--output", file]).status == 200)
                let check = try FleetProcess("/bin/sh", ["-c", "exec \"$0\" check metrics < \"$1\"", promtool, file])
                let status = try await check.exitStatus()
                let lines = (check.standardOutput + check.standardError).split(separator: "\n").map(String.init)
                let unexplained = lines.filter { line in
                    !Self.upstreamNames.contains { line.hasPrefix($0.prefix) && line.contains($0.lint) }
                }
                // 3: lint only. 1 would be text that does not parse.
                #expect(status == 0 || status == 3, "\(name): \(lines.prefix(5))")
                #expect(unexplained.isEmpty, "\(name): promtool says \(unexplained)")
                let text = try String(contentsOfFile: file, encoding: .utf8)
                let ours = PromtoolFinding.of(try Exposition(parsing: text).lint())
                #expect(ours.symmetricDifference(PromtoolFinding.of(lines)).subtracting(Self.newerFindings) == [])
            }
        }
    }

    @Test(arguments: ["PrometheusText0.0.4", "OpenMetricsText1.0.0"])
    func prometheusScrapesAllThree(protocolName: String) async throws {
        let servers = FleetServers()
        let prometheus = try servers("FLEET_PROMETHEUS")
        try await withFolder(servers) { folder in
            let fleet = try Fleet(servers, folder: folder)
            var jobs = ""
            for (name, exporter) in fleet.all {
                jobs +=
                    "  - { job_name: \(name), static_configs: [{ targets: ['127.0.0.1:\(try await exporter.port())'] }] }\n"
            }
            let config = folder.appendingPathComponent("prometheus.yml")
            try """
            global: { scrape_interval: 1s, scrape_timeout: 1s, scrape_protocols: [\(protocolName)] }
            scrape_configs:
            \(jobs)
            """.write(to: config, atomically: true, encoding: .utf8)
            let port = try unusedPort()
            let process = try FleetProcess(
                prometheus,
                [
                    "--config.file=\(config.path)", "--storage.tsdb.path=\(folder.path)/data",
                    "--web.listen-address=127.0.0.1:\(port)",
                ])
            defer { process.signal(SIGTERM) }
            let up = "http://127.0.0.1:\(port)/api/v1/query?query=count(up==1)"
            let isUp = try await eventually(within: .seconds(30)) {
                (try? await curl(up).body.contains("\"3\"]")) ?? false
            }
            let targets = try await curl("http://127.0.0.1:\(port)/api/v1/targets").body
            #expect(isUp, "\(targets)\n\(process.standardError.suffix(2000))")
            #expect(targets.components(separatedBy: "\"lastError\":\"\"").count == 4, "\(targets)")
            let names = try await curl("http://127.0.0.1:\(port)/api/v1/label/__name__/values").body
            for name in [
                "pg_up", "pg_stat_database_xact_commit", "redis_up", "redis_connected_clients", "business_answer",
            ] {
                #expect(names.contains("\"\(name)\""))
            }
            process.signal(SIGTERM)
            _ = try await process.exitStatus()
        }
    }

    @Test func terminateEndsEachWithinFiveSeconds() async throws {
        let servers = FleetServers()
        try await withFolder(servers) { folder in
            for (name, exporter) in try Fleet(servers, folder: folder).all {
                _ = try await curl("http://127.0.0.1:\(try await exporter.port())/metrics")
                exporter.signal(name == "pg" ? SIGINT : SIGTERM)
                #expect(try await exporter.exitStatus(within: .seconds(5)) == 0, "\(name)")
            }
        }
    }

    @Test func oncePrintsTheMetricsAndEnds() async throws {
        let servers = FleetServers()
        let once = try FleetProcess(
            "pg-exporter", ["--once"], environment: ["DATA_SOURCE_NAME": servers("FLEET_PG15_MONITOR_URL")])
        #expect(try await once.exitStatus() == 0)
        #expect(once.standardOutput.contains("\npg_up 1\n"))
    }

    /// Program, arguments, environment, exit status, what the one line must say.
    @Test(
        arguments: [
            ("pg-exporter", ["--nope"], [:], 2, "--nope"),
            ("pg-exporter", ["--colector.wal"], [:], 2, "--collector.wal"),
            ("pg-exporter", ["--collector.nope"], [:], 2, "collector"),
            ("pg-exporter", ["--web.max-requests=many"], [:], 2, "--web.max-requests"),
            ("pg-exporter", ["--web.listen-address=nonsense"], [:], 2, "--web.listen-address"),
            ("pg-exporter", [], ["DATA_SOURCE_NAME": "postgresql://u:s3cr3t@h:port/x"], 1, "DATA_SOURCE_NAME"),
            (
                "pg-exporter", [],
                ["DATA_SOURCE_URI": "h/x", "DATA_SOURCE_USER": "u", "DATA_SOURCE_PASS_FILE": "/nope"], 1, "/nope"
            ),
            ("redis-exporter", ["-nope"], [:], 2, "nope"),
            ("redis-exporter", ["-redis.addr", "ftp://:s3cr3t@h"], [:], 2, "redis.addr"),
            ("redis-exporter", ["-redis.password-file=/nope"], [:], 1, "/nope"),
            ("app-exporter", [], [:], 1, "app-exporter.yaml"),
            ("app-exporter", ["--config.file=/nope.yaml"], [:], 1, "/nope.yaml"),
        ] as [(String, [String], [String: String], Int32, String)])
    func badInputIsOneClearLine(
        program: String, arguments: [String], environment: [String: String], status: Int32, says: String
    ) async throws {
        let process = try FleetProcess(program, [Self.loopback] + arguments, environment: environment)
        #expect(try await process.exitStatus(within: .seconds(10)) == status)
        let lines = process.standardError.split(separator: "\n")
        #expect(lines.count == 1, "\(process.standardError)")
        #expect(lines.last?.contains(says) == true, "\(process.standardError)")
        #expect(!process.standardError.contains("s3cr3t"))
    }

    @Test(arguments: [
        ("sources: {}\nsorces: {}\n", "2:1"), ("sources: {}\nsources: {}\n", "2:1"), ("groups: [", "2:1"),
    ])
    func badConfigurationNamesItsPlace(text: String, place: String) async throws {
        try await withFolder(FleetServers()) { folder in
            let file = folder.appendingPathComponent("app.yaml")
            try text.write(to: file, atomically: true, encoding: .utf8)
            let process = try FleetProcess("app-exporter", ["--config.file=\(file.path)", "--check-config"])
            #expect(try await process.exitStatus(within: .seconds(10)) == 1)
            #expect(process.standardError.contains("app.yaml:\(place)"), "\(process.standardError)")
        }
    }

    @Test(arguments: [
        ("pg-exporter", "DATA_SOURCE_NAME", "postgresql://u:s3cr3t@127.0.0.1:1/x", "pg_up 0"),
        ("redis-exporter", "REDIS_ADDR", "redis://:s3cr3t@127.0.0.1:1", "redis_up 0"),
    ])
    func serverDownIsUpZeroAndOneLogLine(program: String, variable: String, address: String, line: String) async throws
    {
        let process = try FleetProcess(program, [Self.loopback], environment: [variable: address])
        let url = "http://127.0.0.1:\(try await process.port())/metrics"
        for _ in 0..<4 {
            let answer = try await curl(url)
            #expect(answer.status == 200)
            #expect(answer.body.contains("\n\(line)\n"))
        }
        let complaints = process.standardError.split(separator: "\n").filter { $0.contains("127.0.0.1:1") }
        #expect(complaints.count == 1, "\(process.standardError)")
        #expect(!process.standardError.contains("s3cr3t"))
        #expect(try await curl(url.replacingOccurrences(of: "metrics", with: "-/healthy")).status == 200)
    }
}
