internal import ExporterKit

extension TableCollector {
    /// One row about the shared buffers. Off by default because it looks at every buffer, though without locks.
    /// Source: https://www.postgresql.org/docs/current/pgbuffercache.html#PGBUFFERCACHE-PG-BUFFERCACHE-SUMMARY
    static let buffercacheSummary = TableCollector(
        "buffercache_summary", "Use of the shared buffers, from extension pg_buffercache and version 16.",
        enabledByDefault: false, needs: NeededExtension("pg_buffercache", since: .v16),
        tables: [
            SQLTable(
                prefix: "pg_buffercache_summary",
                fromWhere: { $0.name("pg_buffercache_summary()", of: "pg_buffercache") },
                rows: [
                    .gauge("buffers_used", "Shared buffers in use.", since: .v16),
                    .gauge("buffers_unused", "Shared buffers not in use.", since: .v16),
                    .gauge("buffers_dirty", "Shared buffers changed and not yet written.", since: .v16),
                    .gauge("buffers_pinned", "Shared buffers that some process holds pinned.", since: .v16),
                    .gauge(
                        "usagecount_avg", "Mean usage count of the buffers in use; absent when none is.", since: .v16),
                ])
        ])
}
