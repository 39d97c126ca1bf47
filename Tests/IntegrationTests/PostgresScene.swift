import PostgresClient
import Testing

/// A database in which there is something to see for every collector of a primary: tables with all that tables have,
/// replication slots, sessions that wait, and a vacuum that takes its time.
struct PostgresScene {
    let server: PostgresUnderTest
    let database: String

    /// The connection string of the role that exporters use.
    var monitor: String {
        get throws { try PostgresUnderTest.url(server.monitor(), database: database) }
    }

    private static let schema = [
        "CREATE TABLE plain (i int PRIMARY KEY, t text)",
        "INSERT INTO plain SELECT g, 'x' FROM generate_series(1, 100) g", "ANALYZE plain", "VACUUM plain",
        "SELECT i FROM plain WHERE i = 1", "CREATE SCHEMA app", "CREATE TABLE app.plain (i int)",
        "CREATE TABLE vacuumed (i int, t text) WITH (autovacuum_enabled = off)",
        "INSERT INTO vacuumed SELECT g, repeat('x', 200) FROM generate_series(1, 20000) g",
        "CREATE INDEX ON vacuumed (i)", "DELETE FROM vacuumed WHERE i % 2 = 0",
        "CREATE EXTENSION pg_stat_statements", "CREATE EXTENSION pg_buffercache", "SELECT pg_stat_reset()",
    ]

    /// Sets it up, lets the test use it, and leaves nothing behind.
    static func with(_ server: PostgresUnderTest, _ use: (PostgresScene) async throws -> Void) async throws {
        try await server.withDatabase(schema) { name in
            let url = try PostgresUnderTest.url(server.superuser(), database: name)
            try await PostgresUnderTest.execute(
                [
                    "SELECT pg_create_logical_replication_slot('\(name)_logical', 'pgoutput')",
                    "SELECT pg_create_physical_replication_slot('\(name)_physical', true)",
                ], at: url)
            let result = await Result<Void, any Error>.of {
                try await withSessions(at: url) {
                    try await use(PostgresScene(server: server, database: name))
                }
            }
            try await PostgresUnderTest.execute(
                ["logical", "physical"].map { "SELECT pg_drop_replication_slot('\(name)_\($0)')" }, at: url)
            try result.get()
        }
    }

    private static func withSessions(
        at url: String, _ use: () async throws -> Void
    ) async throws {
        let idle = PostgresConnection.forTests(url, name: "scene-idle", readOnly: false)
        let open = PostgresConnection.forTests(url, name: "scene-open", readOnly: false)
        let vacuum = PostgresConnection.forTests(url, name: "scene-vacuum", readOnly: false)
        _ = try await idle.query("SELECT 1")
        _ = try await open.query("BEGIN")
        _ = try await vacuum.query("SET vacuum_cost_delay = '100ms'")
        _ = try await vacuum.query("SET vacuum_cost_limit = 1")
        let work = Task { _ = try? await vacuum.query("VACUUM vacuumed", within: .seconds(300)) }
        let observer = PostgresConnection.forTests(url)
        let result = await Result<Void, any Error>.of {
            let isAtWork = try await eventually(within: .seconds(30)) {
                try await observer.query(
                    "SELECT count(*) FROM pg_stat_progress_vacuum WHERE phase = 'scanning heap' AND heap_blks_scanned > 3"
                ).number(0, 0) == 1
            }
            try #require(isAtWork, "the vacuum does not begin")
            try await use()
        }
        work.cancel()
        await work.value
        for connection in [idle, open, vacuum, observer] { await connection.close() }
        try result.get()
    }
}

extension Result where Failure == any Error {
    /// What a call gives or throws.
    static func of(_ body: () async throws -> Success) async -> Result {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}
