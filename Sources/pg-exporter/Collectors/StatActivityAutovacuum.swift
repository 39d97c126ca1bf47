internal import ExporterKit

extension TableCollector {
    /// One row per table that autovacuum works on, in any database.
    ///
    /// Upstream's one label is the table's name. Where several tables of that name are worked on, their schema stands
    /// before it, and where that is not enough their database before that: no two have the same labels.
    /// Source: https://www.postgresql.org/docs/current/routine-vacuuming.html#AUTOVACUUM
    static let statActivityAutovacuum = TableCollector(
        "stat_activity_autovacuum", "Tables that autovacuum works on now.", enabledByDefault: false,
        tables: [
            SQLTable(
                prefix: "pg_stat_activity_autovacuum", from: autovacuumWork,
                labels: [
                    .expression(
                        "relname",
                        """
                        CASE WHEN of_name = 1 THEN name WHEN of_path = 1 THEN schema || '.' || name \
                        ELSE datname || '.' || schema || '.' || name END
                        """)
                ],
                rows: [
                    .gauge("start", as: "timestamp_seconds", "Unix time at which autovacuum began with the table.")
                ])
        ])

    /// The worker's query says what it does: `autovacuum: VACUUM ANALYZE public.t (to prevent wraparound)`,
    /// `autovacuum: BRIN summarize public.i 128`. The latter may be there several times.
    private static let autovacuumWork = """
        (SELECT datname, schema, name, extract(epoch FROM min(xact_start)) AS start, \
        count(*) OVER (PARTITION BY name) AS of_name, count(*) OVER (PARTITION BY schema, name) AS of_path \
        FROM (SELECT datname, xact_start, split_part(path, '.', 1) AS schema, \
        substr(path, strpos(path, '.') + 1) AS name \
        FROM (SELECT datname, xact_start, regexp_replace(regexp_replace(query, \
        '^autovacuum: (VACUUM ANALYZE|VACUUM|ANALYZE|BRIN summarize) ', ''), \
        '( \\(to prevent wraparound\\)| [0-9]+)$', '') AS path \
        FROM pg_stat_activity WHERE query LIKE 'autovacuum: %') w) t GROUP BY 1, 2, 3) u
        """
}
