internal import PostgresClient

/// Questions to the system catalogues. They need no right on any table, run with a pinned search path, and look for
/// operator classes rather than for names of indexes or access methods.
enum VectorQueries {
    /// Indexes whose operator class belongs to an extension and can order by distance: all a nearest-neighbour search needs.
    static func indexes(_ extensions: [String]) -> Statement {
        Statement(
            """
            WITH distance AS (
                SELECT DISTINCT ON (class.oid)
                       class.oid AS class, class.opcname, class.opcintype, ext.extname,
                       format('OPERATOR(%I.%s)', home.nspname, operator.oprname) AS operator
                FROM pg_opclass AS class
                JOIN pg_depend AS link ON link.classid = 'pg_opclass'::regclass AND link.objid = class.oid
                     AND link.refclassid = 'pg_extension'::regclass AND link.deptype = 'e'
                JOIN pg_extension AS ext ON ext.oid = link.refobjid AND ext.extname = ANY ($1::text[])
                JOIN pg_amop AS member ON member.amopfamily = class.opcfamily AND member.amoppurpose = 'o'
                     AND member.amoplefttype = class.opcintype AND member.amoprighttype = class.opcintype
                JOIN pg_operator AS operator ON operator.oid = member.amopopr
                JOIN pg_namespace AS home ON home.oid = operator.oprnamespace
                ORDER BY class.oid, member.amopstrategy
            )
            SELECT space.nspname AS "schema", heap.relname AS "table", entry.relname AS "index",
                   format('%I.%I', space.nspname, heap.relname) AS "relation",
                   distance.extname AS "extension", method.amname AS "method", distance.opcname AS "opclass",
                   coalesce(key.attname, '') AS "column", idx.indpred IS NOT NULL AS "partial",
                   pg_get_indexdef(idx.indexrelid, 1, true) AS "expression",
                   pg_get_expr(idx.indpred, idx.indrelid, true) AS "predicate", distance.operator AS "operator",
                   CASE WHEN distance.opcintype = 'bit'::regtype THEN format_type(distance.opcintype, slot.atttypmod)
                        ELSE format_type(distance.opcintype, NULL) END AS "type",
                   idx.indisvalid AND idx.indisready AS "valid", greatest(heap.relpages, 1) AS "pages",
                   nullif(entry.reltuples, -1) AS "rows", pg_relation_size(idx.indexrelid) AS "bytes",
                   usage.idx_scan AS "scans", usage.idx_tup_read AS "read", usage.idx_tup_fetch AS "fetched",
                   extract(epoch FROM (to_jsonb(usage) ->> 'last_idx_scan')::timestamptz) AS "last_scan",
                   io.idx_blks_hit AS "blocks_hit", io.idx_blks_read AS "blocks_read",
                   (SELECT option_value FROM pg_options_to_table(entry.reloptions) WHERE option_name = 'm') AS "m",
                   (SELECT option_value FROM pg_options_to_table(entry.reloptions)
                    WHERE option_name = 'ef_construction') AS "ef_construction",
                   (SELECT option_value FROM pg_options_to_table(entry.reloptions) WHERE option_name = 'lists') AS "lists"
            FROM pg_index AS idx
            JOIN distance ON distance.class = idx.indclass[0]
            JOIN pg_class AS entry ON entry.oid = idx.indexrelid AND entry.relkind = 'i'
            JOIN pg_class AS heap ON heap.oid = idx.indrelid
            JOIN pg_namespace AS space ON space.oid = heap.relnamespace
            JOIN pg_am AS method ON method.oid = entry.relam
            JOIN pg_attribute AS slot ON slot.attrelid = entry.oid AND slot.attnum = 1
            LEFT JOIN pg_attribute AS key ON key.attrelid = heap.oid AND key.attnum = idx.indkey[0] AND key.attnum > 0
            LEFT JOIN pg_stat_all_indexes AS usage ON usage.indexrelid = idx.indexrelid
            LEFT JOIN pg_statio_all_indexes AS io ON io.indexrelid = idx.indexrelid
            ORDER BY 1, 2, 3
            """, [array(extensions)])
    }

    /// Columns of a type that an extension brings.
    static func columns(_ extensions: [String]) -> Statement {
        Statement(
            """
            SELECT space.nspname AS "schema", heap.relname AS "table", field.attname AS "column", kind.typname AS "type",
                   nullif(field.atttypmod, -1) AS "dimensions"
            FROM pg_attribute AS field
            JOIN pg_class AS heap ON heap.oid = field.attrelid AND heap.relkind IN ('r', 'p', 'm', 'f')
            JOIN pg_namespace AS space ON space.oid = heap.relnamespace AND space.nspname NOT LIKE 'pg\\_%'
            JOIN pg_type AS kind ON kind.oid = field.atttypid
            WHERE field.attnum > 0 AND NOT field.attisdropped AND \(isVector)
            ORDER BY 1, 2, 3
            """, [array(extensions)])
    }

    /// Tables with such columns that hold rows of their own.
    static func tables(_ extensions: [String]) -> Statement {
        Statement(
            """
            SELECT space.nspname AS "schema", heap.relname AS "table", nullif(heap.reltuples, -1) AS "rows",
                   pg_table_size(heap.oid) AS "bytes", usage.n_dead_tup AS "dead", usage.n_tup_ins AS "insert",
                   usage.n_tup_upd AS "update", usage.n_tup_hot_upd AS "hot_update", usage.n_tup_del AS "delete",
                   extract(epoch FROM greatest(usage.last_analyze, usage.last_autoanalyze)) AS "analyzed",
                   extract(epoch FROM greatest(usage.last_vacuum, usage.last_autovacuum)) AS "vacuumed"
            FROM pg_class AS heap
            JOIN pg_namespace AS space ON space.oid = heap.relnamespace AND space.nspname NOT LIKE 'pg\\_%'
            LEFT JOIN pg_stat_all_tables AS usage ON usage.relid = heap.oid
            WHERE heap.relkind IN ('r', 'm') AND EXISTS (
                SELECT FROM pg_attribute AS field
                JOIN pg_type AS kind ON kind.oid = field.atttypid
                WHERE field.attrelid = heap.oid AND field.attnum > 0 AND NOT field.attisdropped AND \(isVector))
            ORDER BY 1, 2
            """, [array(extensions)])
    }

    /// Builds now running on tables with such columns. The index itself is not known until it is committed.
    static func builds(_ extensions: [String]) -> Statement {
        Statement(
            """
            SELECT space.nspname AS "schema", heap.relname AS "table", progress.command AS "command",
                   progress.phase AS "phase",
                   CASE WHEN progress.blocks_total > 0 THEN progress.blocks_done::float8 / progress.blocks_total
                        WHEN progress.tuples_total > 0 THEN progress.tuples_done::float8 / progress.tuples_total END AS "done",
                   extract(epoch FROM clock_timestamp() - activity.query_start) AS "elapsed"
            FROM pg_stat_progress_create_index AS progress
            JOIN pg_class AS heap ON heap.oid = progress.relid
            JOIN pg_namespace AS space ON space.oid = heap.relnamespace
            LEFT JOIN pg_stat_activity AS activity ON activity.pid = progress.pid
            WHERE progress.datname = current_database() AND EXISTS (
                SELECT FROM pg_attribute AS field
                JOIN pg_type AS kind ON kind.oid = field.atttypid
                WHERE field.attrelid = heap.oid AND field.attnum > 0 AND NOT field.attisdropped AND \(isVector))
            ORDER BY 1, 2
            """, [array(extensions)])
    }

    /// Extensions that are there, and how to make a value of theirs.
    static func extensions(_ extensions: [String]) -> Statement {
        Statement(
            """
            SELECT ext.extname AS "extension", ext.extversion AS "version", current_database() AS "database",
                   format('SELECT ''[1]''::%I.vector', space.nspname) AS "load"
            FROM pg_extension AS ext JOIN pg_namespace AS space ON space.oid = ext.extnamespace
            WHERE ext.extname = ANY ($1::text[]) ORDER BY 1
            """, [array(extensions)])
    }

    /// Settings of the library exist only in a session that has loaded it.
    static let settings = Statement(
        """
        SELECT name, CASE unit WHEN 'kB' THEN setting::numeric * 1024 WHEN '8kB' THEN setting::numeric * 8192
                               ELSE setting::numeric END AS value
        FROM pg_settings
        WHERE vartype IN ('integer', 'real')
          AND (name LIKE 'hnsw.%' OR name LIKE 'ivfflat.%'
               OR name IN ('work_mem', 'maintenance_work_mem', 'shared_buffers', 'effective_cache_size',
                           'max_parallel_maintenance_workers'))
        ORDER BY 1
        """)

    private static let isVector = """
        EXISTS (
            SELECT FROM pg_depend AS link
            JOIN pg_extension AS ext ON ext.oid = link.refobjid
            WHERE link.classid = 'pg_type'::regclass AND link.objid = kind.oid
              AND link.refclassid = 'pg_extension'::regclass AND link.deptype = 'e' AND ext.extname = ANY ($1::text[]))
        """

    /// Names come from a closed list and need no quoting.
    private static func array(_ names: [String]) -> String { "{\(names.joined(separator: ","))}" }
}
