import ExporterKit
import PostgresClient
import Testing

@testable import pg_exporter

struct SettingsCollectorTests {
    private let columns = ["name", "setting", "unit", "vartype", "short_desc", "state", "pending_restart"]
    private let collector = SettingsCollector()

    private func facts(connection: Int32 = 1) -> PostgresFacts {
        PostgresFacts(
            server: PostgresServer(
                versionNumber: 150_000, versionText: "15", database: "d", user: "u", backendPID: connection))
    }

    private func decode(_ rows: [[String?]], connection: Int32 = 1) throws -> [String: Double] {
        var sink = MetricSink()
        let reply = Reply(.success(Answer(ResultTable(columns: columns, rows: rows))), took: .zero)
        try collector.decode([reply], from: facts(connection: connection), into: &sink)
        return sink.families.reduce(into: [:]) { values, family in
            for case .number(let value) in family.samples.map(\.value) { values[family.descriptor.name] = value }
        }
    }

    @Test func everyKindOfSettingIsNamedByTheRules() throws {
        let values = try decode([
            ["work_mem", "4096", "kB", "integer", "Memory.", "s"], ["fsync", "on", nil, "bool", "Fsync.", "s"],
            ["jit", "off", nil, "bool", "JIT.", "s"], ["seq_page_cost", "1", nil, "real", "Cost.", "s"],
            ["my-ext.limit", "3", "s", "integer", "Limit.", "s"], ["odd", "many", nil, "integer", "Odd.", "s"],
            ["sync_commit_cancel_wait", "1", nil, "integer", "Skipped.", "s"],
            ["gone", nil, nil, "integer", "Gone.", "s"],
        ])
        #expect(
            values == [
                "pg_settings_work_mem_bytes": 4_194_304, "pg_settings_fsync": 1, "pg_settings_jit": 0,
                "pg_settings_seq_page_cost": 1, "pg_settings_my_ext_limit_seconds": 3,
                "pg_settings_pending_restarts": 0,
            ])
    }

    @Test func unchangedSettingsAreRemembered() throws {
        #expect(collector.questions(for: facts()).first?.statement.parameters == [nil])
        let first = try decode([["fsync", "on", nil, "bool", "Fsync.", "monday"]])
        #expect(collector.questions(for: facts()).first?.statement.parameters == ["monday"])
        #expect(try decode([]) == first)
        _ = try decode([["fsync", "off", nil, "bool", "Fsync.", "tuesday"]])
        #expect(try decode([]) == ["pg_settings_fsync": 0, "pg_settings_pending_restarts": 0])
    }

    @Test func settingsThatWaitForARestartAreCountedWhateverTheirKind() throws {
        let values = try decode([
            ["shared_preload_libraries", "7", nil, "string", "Libraries.", "s", "t"],
            ["max_connections", "100", nil, "integer", "Connections.", "s", "t"],
            ["fsync", "on", nil, "bool", "Fsync.", "s", "f"],
        ])
        #expect(
            values == [
                "pg_settings_pending_restarts": 2, "pg_settings_pending_restart": 1,
                "pg_settings_max_connections": 100, "pg_settings_fsync": 1,
            ])
    }

    @Test func anotherConnectionIsAskedAnew() throws {
        _ = try decode([["fsync", "on", nil, "bool", "Fsync.", "monday"]])
        #expect(collector.questions(for: facts(connection: 2)).first?.statement.parameters == [nil])
    }

    @Test func failedQuestionIsAFailureNotTheOldValues() throws {
        _ = try decode([["fsync", "on", nil, "bool", "Fsync.", "monday"]])
        var sink = MetricSink()
        let reply = Reply<Answer>(.failure(CollectorError(.timeout, "late")), took: .zero)
        #expect(throws: CollectorError.self) { try collector.decode([reply], from: facts(), into: &sink) }
        #expect(sink.families.isEmpty)
    }
}
