/// A database with as many tables and indexes as those have that suffer from their exporter.
struct LargeDatabase {
    static let name = "large"
    static let size = "2,000 tables, 4,000 indexes"

    private let psql: String
    private let url: ServerURL

    init(version: String) throws {
        psql = try Environment.variable("FLEET_PSQL\(version)")
        url = try ServerURL("FLEET_PG\(version)_URL")
        progress("making a database of \(Self.size)")
        drop()
        try run("CREATE DATABASE \(Self.name)", in: url)
        // A part at a time: the locks of all would not fit into the server's table of locks.
        try run(
            """
            DO $$ BEGIN
                FOR i IN 1..2000 LOOP
                    EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, v int)', i);
                    EXECUTE format('CREATE INDEX ON t%s (v)', i);
                    EXECUTE format('INSERT INTO t%s SELECT n, n FROM generate_series(1, 10) n', i);
                    IF i % 100 = 0 THEN COMMIT; END IF;
                END LOOP;
            END $$
            """, in: url.database(Self.name))
        try run("VACUUM ANALYZE", in: url.database(Self.name))
    }

    func drop() {
        try? run("DROP DATABASE IF EXISTS \(Self.name) WITH (FORCE)", in: url)
    }

    private func run(_ sql: String, in url: ServerURL) throws {
        let done = try outputOf([
            psql, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql, "-c", "SELECT 'done'", url.text,
        ])
        guard done.contains("done") else { throw BenchError("the server refuses: \(sql.prefix(80))") }
    }
}
