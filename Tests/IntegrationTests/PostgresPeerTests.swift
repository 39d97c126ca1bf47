import ExporterKit
import ExporterKitTesting
import Foundation
import Testing

@testable import pg_exporter

/// Side by side with the official exporter, every collector of both on: no series shape of theirs is missing, and what does
/// not move has the same value. Every difference stands here with its reason.
struct PostgresPeerTests {
    /// A release of the official exporter that Debian has.
    struct Peer: Sendable, CustomTestStringConvertible {
        let release: String
        let variable: String
        /// Flags that it and ours are given.
        let flags: [String]

        var testDescription: String { "postgres_exporter \(release)" }

        private static let off = [
            "database_wraparound", "long_running_transactions", "postmaster", "process_idle",
            "stat_activity_autovacuum", "stat_checkpointer", "stat_statements", "stat_wal_receiver",
            "statio_user_indexes", "xlog_location",
        ].map { "--collector.\($0)" }

        static let all = [
            Peer(release: "0.17", variable: "FLEET_POSTGRES_EXPORTER", flags: off),
            Peer(
                release: "0.19", variable: "FLEET_POSTGRES_EXPORTER_FORKY",
                flags: off + ["--collector.buffercache_summary", "--collector.stat_statements.include_query"]),
        ]
    }

    /// How the name of a metric begins that only they have, and why.
    private static let onlyTheirs = [
        "go_": "the Go runtime", "promhttp_": "their HTTP library",
        "process_network_": "not a standard process metric; a container's own traffic is told by cAdvisor",
        "postgres_exporter_config_last_reload_": "comes with --config.file",
        "pg_stat_archiver_last_archive_age": "NaN there while nothing was ever archived, absent here",
        "pg_stat_database_stats_reset": "0 there for a database that was never reset, absent here",
        "pg_stat_progress_vacuum_max_dead_tuples": "bytes there from version 17 on, which have names of their own here",
    ]

    /// How the name of a metric begins whose series or values are not compared, and why.
    private static let uncompared = [
        "pg_exporter_": "about each exporter's own scrapes", "pg_scrape_": "about each exporter's own scrapes",
        "postgres_exporter_build_info": "about each exporter's own build", "process_": "about each exporter itself",
        "pg_stat_activity_": "each sees the other's sessions", "pg_process_idle_": "each sees the other's sessions",
        "pg_locks_count": "each sees the other's locks", "pg_long_running_": "each sees the other's transactions",
        "pg_stat_database_numbackends": "each sees the other's sessions",
        "pg_stat_statements_": "each asks statements of its own; passwords in texts are shown there",
        "pg_settings_extra_float_digits": "their driver sets it for their session",
        "pg_stat_replication_": "their slot_name is the process id: a lookup that fails takes the first column",
        "pg_replication_slot_slot_confirmed_flush_lsn": "0 there for physical slots, which confirm nothing",
        "pg_stat_progress_vacuum_num_dead_tuples": "bytes there from version 17 on",
        "pg_stat_wal_receiver_flushed_lsn": "0.17 gives it the value of receive_start_tli",
        "pg_stat_wal_receiver_receive_start_tli": "0.17 gives it the value of flushed_lsn",
        "pg_stat_user_tables_idx_": "0 there for a table without an index, absent here",
        "pg_statio_user_tables_": "0 there for a table without index or TOAST table, absent here",
    ]

    @Test(arguments: PostgresUnderTest.all, Peer.all)
    func nothingOfTheOfficialExporterIsMissing(server: PostgresUnderTest, peer: Peer) async throws {
        try await PostgresScene.with(server) { scene in
            try await compare(peer, at: scene.monitor, majorVersion: server.major, leastValues: 400)
        }
    }

    @Test(arguments: Peer.all)
    func nothingIsMissingOnAStandby(peer: Peer) async throws {
        let idle = try PgExporterUnderTest(PostgresUnderTest.replica.superuser())
        _ = await idle.scrape()
        try await compare(peer, at: PostgresUnderTest.replica.monitor(), majorVersion: 17, leastValues: 400)
        await idle.close()
    }

    private func compare(_ peer: Peer, at url: String, majorVersion: Int, leastValues: Int) async throws {
        let exporter = try PgExporterUnderTest(
            url, peer.flags + ["--compat-names=\(peer.release)"])
        // The second scrape knows what the first only found: texts of statements.
        _ = await exporter.scrape()
        let before = Exposition(await exporter.scrape().families)
        let theirs = try await Self.exposition(of: peer, at: url)
        let ours = Exposition(await exporter.scrape().families)
        await exporter.close()

        let shapes = Shapes(ours)
        for (name, shape) in Shapes(theirs).families where !Self.isExplained(name, by: Self.onlyTheirs) {
            let own = try #require(shapes.families[name], "\(name) is missing")
            #expect(own.kind == shape.kind, "\(name)")
            #expect(own.labels.isSuperset(of: shape.labels), "labels of \(name)")
        }
        let first = Self.values(before)
        let second = Self.values(ours)
        var compared = 0
        for (series, value) in Self.values(theirs)
        where !Self.isExplained(series.name, by: Self.uncompared) && !Self.isExplained(series.name, by: Self.onlyTheirs)
        {
            let own = try #require(second[series], "\(series) is missing")
            // What moved between our two scrapes may have any value.
            guard first[series] == own else { continue }
            // Times of theirs are whole seconds.
            let isTime = series.name.hasSuffix("stats_reset_total") || series.name.contains("_last_")
            let tolerance = isTime ? 1 : abs(own) * 1e-12
            #expect(abs(own - value) <= tolerance, "\(series): theirs \(value), ours \(own)")
            compared += 1
        }
        #expect(compared >= leastValues, "only \(compared) series stood still")
    }

    private static func isExplained(_ name: String, by reasons: [String: String]) -> Bool {
        reasons.keys.contains { name.hasPrefix($0) }
    }

    private static func exposition(of peer: Peer, at url: String) async throws -> Exposition {
        let port = try unusedPort()
        let process = try FleetProcess(
            try FleetServers()(peer.variable), ["--web.listen-address=127.0.0.1:\(port)"] + peer.flags,
            environment: ["DATA_SOURCE_NAME": url])
        var text = ""
        let isUp = try await eventually(within: .seconds(30)) {
            text = (try? await PostgresHTTPAnswer.get(port).body) ?? ""
            return text.contains("\npg_up 1\n")
        }
        process.signal(SIGTERM)
        _ = try? await process.exitStatus(within: .seconds(10))
        try #require(isUp, "\(peer.testDescription): \(process.standardError)")
        return try Exposition(parsing: text)
    }

    // MARK: - Series

    /// A series without its value.
    private struct Series: Hashable, CustomStringConvertible {
        let name: String
        let labels: [String: String]
        var description: String { "\(name)\(labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })" }
    }

    private static func values(_ exposition: Exposition) -> [Series: Double] {
        Dictionary(exposition.samples.map { (Series(name: $0.name, labels: $0.labels), $0.value) }) { first, _ in first
        }
    }

    /// Kinds and label names of families with series.
    private struct Shapes {
        struct Family {
            var kind: String
            var labels: Set<[String]>
        }

        private(set) var families: [String: Family] = [:]

        init(_ exposition: Exposition) {
            for family in exposition.families where !family.samples.isEmpty {
                let labels = Set(family.samples.map { $0.labels.keys.sorted() })
                families[family.name] = Family(kind: family.kind?.rawValue ?? "", labels: labels)
            }
        }
    }
}
