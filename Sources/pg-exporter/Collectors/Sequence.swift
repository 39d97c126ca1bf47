internal import ExporterKit

extension TableCollector {
    /// Sequences that have used up half of their numbers or more: a healthy database has none. A sequence that belongs to
    /// a column ends where the column's type does.
    ///
    /// Reading a sequence needs SELECT on it: `pg_read_all_data`, from version 14, gives that for all. A sequence that
    /// somebody holds, or waits for, in a mode that would make this wait is left out.
    /// Source: https://www.postgresql.org/docs/current/view-pg-sequences.html
    static let sequence = TableCollector(
        "sequence", "Sequences that run out of numbers.",
        tables: [
            SQLTable(
                prefix: "pg_sequence", fromWhere: { used(readableAs: $0.isStandby ? "('p')" : "('p', 'u')") },
                labels: [
                    .expression("datname", "current_database()"), .expression("schemaname", "u.nspname"),
                    .expression("sequencename", "u.relname"),
                ],
                rows: [
                    .gauge(
                        "u.ratio", as: "usage_ratio",
                        "Used share of the numbers of a sequence or of its column's type; absent below 0.5."),
                    .gauge("u.value", as: "last_value", "Last number given; same sequences."),
                ], scope: .database, freshFor: .seconds(60)),
            SQLTable(
                prefix: "pg_sequence",
                from: """
                    (SELECT count(*) AS number FROM pg_sequence \
                    WHERE NOT has_sequence_privilege(seqrelid, 'SELECT,USAGE')) u
                    """,
                labels: [.expression("datname", "current_database()")],
                rows: [
                    .gauge(
                        "u.number", as: "unreadable",
                        "Sequences that the exporter's user may not read; GRANT pg_read_all_data lets it.")
                ], scope: .database, freshFor: .seconds(60)),
        ])

    private static func used(readableAs persistence: String) -> String {
        """
        (SELECT v.nspname, v.relname, v.value, \
        CASE WHEN v.step > 0 THEN (v.value - v.low + v.step::numeric) / nullif(v.high - v.low + v.step::numeric, 0) \
        ELSE (v.high - v.value - v.step::numeric) / nullif(v.high - v.low - v.step::numeric, 0) END AS ratio FROM (\
        SELECT n.nspname, c.relname, s.seqincrement AS step, pg_sequence_last_value(s.seqrelid)::numeric AS value, \
        greatest(s.seqmin, CASE a.atttypid WHEN 'int2'::regtype THEN -32768 \
        WHEN 'int4'::regtype THEN -2147483648 END)::numeric AS low, \
        least(s.seqmax, CASE a.atttypid WHEN 'int2'::regtype THEN 32767 \
        WHEN 'int4'::regtype THEN 2147483647 END)::numeric AS high \
        FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
        LEFT JOIN pg_depend p ON p.classid = 'pg_class'::regclass AND p.objid = c.oid AND p.objsubid = 0 \
        AND p.refclassid = 'pg_class'::regclass AND p.refobjsubid > 0 AND p.deptype IN ('a', 'i') \
        LEFT JOIN pg_attribute a ON a.attrelid = p.refobjid AND a.attnum = p.refobjsubid \
        WHERE NOT s.seqcycle AND c.relpersistence IN \(persistence) \
        AND has_sequence_privilege(s.seqrelid, 'SELECT,USAGE') \
        AND NOT EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'relation' AND l.relation = s.seqrelid \
        AND l.database = (SELECT datid FROM pg_stat_get_activity(pg_backend_pid())) \
        AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'))\
        ) v WHERE v.value IS NOT NULL) u WHERE u.ratio >= 0.5
        """
    }
}
