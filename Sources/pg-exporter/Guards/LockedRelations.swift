/// Relations that a question for their size would wait for, and cost all the others theirs: somebody holds them in ACCESS
/// EXCLUSIVE mode, or waits for that, which makes everybody else queue behind.
enum LockedRelations {
    /// User tables of the connected database that are locked so themselves, or whose TOAST or one of whose indexes is: a
    /// relation of one column `relid`.
    static let tables = """
        (SELECT coalesce(p.oid, c.oid) AS relid FROM (\(locks)) l LEFT JOIN pg_index i ON i.indexrelid = l.relation \
        JOIN pg_class c ON c.oid = coalesce(i.indrelid, l.relation) \
        LEFT JOIN pg_class p ON c.relkind = 't' AND p.reltoastrelid = c.oid \
        JOIN pg_namespace n ON n.oid = coalesce(p.relnamespace, c.relnamespace) \
        WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') GROUP BY 1)
        """

    /// Indexes of user tables that are locked so themselves, or whose table is: a relation of one column `relid`.
    static let indexes = """
        (SELECT i.indexrelid AS relid FROM (\(locks)) l JOIN pg_index i ON l.relation IN (i.indexrelid, i.indrelid) \
        GROUP BY 1)
        """

    private static let locks = """
        SELECT relation FROM pg_locks WHERE locktype = 'relation' AND mode = 'AccessExclusiveLock' \
        AND relation IS NOT NULL AND database = (SELECT datid FROM pg_stat_get_activity(pg_backend_pid()))
        """
}
