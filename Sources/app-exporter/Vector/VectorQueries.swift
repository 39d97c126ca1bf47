internal import PostgresClient

/// Questions to the system catalogues. They need no right on any table, run with a pinned search path, wait for no lock,
/// and look for operator classes rather than for names of indexes or access methods.
///
/// Parameter 1 is always the list of extensions. With partitions summed up, an index or table is named by the top of its
/// tree and its numbers are those of all leaves; a sum with an unknown part is unknown.
struct VectorQueries {
    let extensions: [String]
    let partitions: PartitionView

    private func statement(_ sql: String, _ more: [String?] = []) -> Statement {
        Statement(sql, [Self.array(extensions)] + more)
    }

    /// `{"a","b"}`
    static func array(_ names: [String]) -> String {
        let quoted = names.map { name in
            "\"" + name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        }
        return "{" + quoted.joined(separator: ",") + "}"
    }

    // MARK: - Indexes

    /// Indexes whose operator class belongs to an extension and can order by distance: all a nearest-neighbour search needs.
    var indexes: Statement {
        statement(
            """
            WITH \(Self.locked), \(Self.classes), leaf AS (
                SELECT idx.*, class.*, entry.relname AS entry_name, entry.relam, heap.relpages, slot.atttypmod AS slot_mod,
                       coalesce(\(partitions == .sum ? "pg_partition_root(idx.indexrelid)" : "NULL"), idx.indexrelid) AS target,
                       nullif(entry.reltuples, -1) AS entries, nullif(heap.reltuples, -1) AS heap_rows,
                       locked.relation IS NOT NULL AS is_locked,
                       CASE WHEN locked.relation IS NULL THEN pg_relation_size(idx.indexrelid) END AS bytes,
                       CASE WHEN locked.relation IS NULL THEN pg_get_expr(idx.indpred, idx.indrelid, true) END AS predicate,
                       CASE WHEN locked.relation IS NULL THEN pg_get_indexdef(idx.indexrelid, 1, true) END AS expression,
                       usage.idx_scan, usage.idx_tup_read, usage.idx_tup_fetch,
                       (to_jsonb(usage) ->> 'last_idx_scan')::timestamptz AS last_scan,
                       io.idx_blks_hit, io.idx_blks_read
                FROM pg_index AS idx
                JOIN class ON class.class = idx.indclass[0]
                JOIN pg_class AS entry ON entry.oid = idx.indexrelid AND entry.relkind = 'i'
                JOIN pg_class AS heap ON heap.oid = idx.indrelid
                JOIN pg_attribute AS slot ON slot.attrelid = entry.oid AND slot.attnum = 1
                LEFT JOIN LATERAL (SELECT relation FROM locked
                    WHERE relation IN (idx.indexrelid, idx.indrelid) LIMIT 1) AS locked ON true
                LEFT JOIN pg_stat_all_indexes AS usage ON usage.indexrelid = idx.indexrelid
                LEFT JOIN pg_statio_all_indexes AS io ON io.indexrelid = idx.indexrelid
            ), tree AS (
                SELECT target, bool_and(indisvalid AND indisready) AS valid, bool_or(is_locked) AS locked,
                       min(predicate) AS predicate, min(expression) AS expression, min(extname) AS extname,
                       min(opcname) AS opcname, min(typname) AS typname, min(operators) AS operators, min(relam) AS relam,
                       min(format_type(opcintype, CASE WHEN opcintype = 'bit'::regtype THEN slot_mod END)) AS type,
                       min(slot_mod) AS slot_mod, sum(relpages) AS pages, \(Self.sums([
                           "entries", "heap_rows", "bytes", "idx_scan", "idx_tup_read", "idx_tup_fetch", "idx_blks_hit",
                           "idx_blks_read",
                       ])),
                       max(last_scan) AS last_scan, string_agg(entry_name, E'\\n' ORDER BY entry_name) AS members,
                       string_agg(indexrelid::text, ',') AS leaves
                FROM leaf GROUP BY target
            )
            SELECT space.nspname AS "schema", heap.relname AS "table", entry.relname AS "index",
                   format('%I.%I', space.nspname, heap.relname) AS "relation", heap.relkind = 'p' AS "partitioned",
                   tree.extname AS "extension", method.amname AS "method", tree.opcname AS "opclass",
                   coalesce(key.attname, '') AS "column", top.indpred IS NOT NULL AS "partial",
                   tree.expression AS "expression", tree.predicate AS "predicate", tree.operators AS "operators",
                   tree.type AS "type", tree.typname AS "type_name",
                   coalesce(nullif(key.atttypmod, -1), nullif(tree.slot_mod, -1)) AS "dimensions",
                   tree.valid AND top.indisvalid AS "valid", tree.locked AS "locked", greatest(tree.pages, 1) AS "pages",
                   tree.entries AS "rows", tree.heap_rows AS "table_rows", tree.bytes AS "bytes", tree.members AS "members",
                   tree.leaves AS "leaves",
                   tree.idx_scan AS "scans", tree.idx_tup_read AS "read", tree.idx_tup_fetch AS "fetched",
                   extract(epoch FROM tree.last_scan) AS "last_scan", tree.idx_blks_hit AS "blocks_hit",
                   tree.idx_blks_read AS "blocks_read", \(Self.options)
            FROM tree
            JOIN pg_index AS top ON top.indexrelid = tree.target
            JOIN pg_class AS entry ON entry.oid = tree.target
            JOIN pg_class AS heap ON heap.oid = top.indrelid
            JOIN pg_namespace AS space ON space.oid = heap.relnamespace
            JOIN pg_am AS method ON method.oid = tree.relam
            LEFT JOIN pg_attribute AS key ON key.attrelid = heap.oid AND key.attnum = top.indkey[0] AND key.attnum > 0
            ORDER BY 1, 2, 3
            """)
    }

    /// Relations that a question for their size would wait for, and everybody behind it.
    private static let locked = """
        locked AS MATERIALIZED (
            SELECT DISTINCT relation FROM pg_locks
            WHERE locktype = 'relation' AND mode = 'AccessExclusiveLock'
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
        """

    /// Operator classes of the extensions with their distance operators, Euclid's first where there are several. The owner
    /// of the class tells the extension: that of the type does not, because `bit` is the server's own.
    private static let classes = """
        class AS (
            SELECT class.oid AS class, class.opcname, class.opcintype, kind.typname, ext.extname,
                   string_agg(
                       concat_ws(E'\\t', operator.oprname, format('OPERATOR(%I.%s)', home.nspname, operator.oprname),
                           format('%I.%I', function_home.nspname, function.proname)),
                       E'\\n' ORDER BY operator.oprname <> '<->', member.amopstrategy) AS operators
            FROM pg_opclass AS class
            JOIN pg_type AS kind ON kind.oid = class.opcintype
            JOIN pg_depend AS link ON link.classid = 'pg_opclass'::regclass AND link.objid = class.oid
                 AND link.refclassid = 'pg_extension'::regclass AND link.deptype = 'e'
            JOIN pg_extension AS ext ON ext.oid = link.refobjid AND ext.extname = ANY ($1::text[])
            JOIN pg_amop AS member ON member.amopfamily = class.opcfamily AND member.amoppurpose = 'o'
                 AND member.amoplefttype = class.opcintype AND member.amoprighttype = class.opcintype
            JOIN pg_operator AS operator ON operator.oid = member.amopopr
            JOIN pg_namespace AS home ON home.oid = operator.oprnamespace
            JOIN pg_proc AS function ON function.oid = operator.oprcode
            JOIN pg_namespace AS function_home ON function_home.oid = function.pronamespace
            GROUP BY 1, 2, 3, 4, 5)
        """

    private static let options = ["m", "ef_construction", "lists"].map { name in
        "(SELECT option_value FROM pg_options_to_table(entry.reloptions) WHERE option_name = '\(name)') AS \"\(name)\""
    }.joined(separator: ", ")

    private static func sums(_ columns: [String]) -> String {
        columns.map { "CASE WHEN bool_and(\($0) IS NOT NULL) THEN sum(\($0)) END AS \($0)" }.joined(separator: ", ")
    }

    // MARK: - Columns and tables

    /// Relations with a column of a type that an extension brings, or with an index of an operator class of its.
    private static let holders = """
        holder AS (
            SELECT field.attrelid AS relid FROM pg_attribute AS field
            WHERE field.attnum > 0 AND NOT field.attisdropped AND \(owned("pg_type", "field.atttypid"))
            UNION
            SELECT idx.indrelid FROM pg_index AS idx WHERE \(owned("pg_opclass", "idx.indclass[0]")))
        """

    private static func owned(_ catalog: String, _ object: String) -> String {
        """
        EXISTS (
            SELECT FROM pg_depend AS link JOIN pg_extension AS ext ON ext.oid = link.refobjid
            WHERE link.classid = '\(catalog)'::regclass AND link.objid = \(object)
              AND link.refclassid = 'pg_extension'::regclass AND link.deptype = 'e' AND ext.extname = ANY ($1::text[]))
        """
    }

    /// Top of the tree that a table belongs to, or the table.
    private var target: String {
        partitions == .sum ? "coalesce(pg_partition_root(heap.oid), heap.oid)" : "heap.oid"
    }

    /// Columns of a type that an extension brings, and those with an index of an operator class of its.
    var columns: Statement {
        statement(
            """
            SELECT space.nspname AS "schema", heap.relname AS "table", field.attname AS "column", kind.typname AS "type",
                   nullif(field.atttypmod, -1) AS "dimensions"
            FROM pg_attribute AS field
            JOIN pg_class AS heap ON heap.oid = field.attrelid AND heap.relkind IN ('r', 'p', 'm', 'f')
            JOIN pg_namespace AS space ON space.oid = heap.relnamespace AND space.nspname NOT LIKE 'pg\\_%'
            JOIN pg_type AS kind ON kind.oid = field.atttypid
            WHERE field.attnum > 0 AND NOT field.attisdropped
              AND \(partitions == .sum ? "NOT heap.relispartition" : "heap.relkind <> 'p'")
              AND (\(Self.owned("pg_type", "kind.oid")) OR EXISTS (
                SELECT FROM pg_index AS idx WHERE idx.indrelid = heap.oid AND idx.indkey[0] = field.attnum
                  AND \(Self.owned("pg_opclass", "idx.indclass[0]"))))
            ORDER BY 1, 2, 3
            """)
    }

    /// Tables with vectors that hold rows of their own.
    var tables: Statement {
        statement(
            """
            WITH \(Self.locked), \(Self.holders), leaf AS (
                SELECT \(target) AS target, nullif(heap.reltuples, -1) AS rows, usage.n_dead_tup, usage.n_tup_ins,
                       usage.n_tup_upd, usage.n_tup_hot_upd, usage.n_tup_del,
                       greatest(usage.last_analyze, usage.last_autoanalyze) AS analyzed,
                       greatest(usage.last_vacuum, usage.last_autovacuum) AS vacuumed,
                       CASE WHEN heap.oid NOT IN (SELECT relation FROM locked) THEN pg_table_size(heap.oid) END AS bytes
                FROM holder JOIN pg_class AS heap ON heap.oid = holder.relid AND heap.relkind IN ('r', 'm')
                LEFT JOIN pg_stat_all_tables AS usage ON usage.relid = heap.oid
            ), tree AS (
                SELECT target, \(Self.sums([
                           "rows", "bytes", "n_dead_tup", "n_tup_ins", "n_tup_upd", "n_tup_hot_upd", "n_tup_del",
                       ])),
                       max(analyzed) AS analyzed, max(vacuumed) AS vacuumed
                FROM leaf GROUP BY target
            )
            SELECT space.nspname AS "schema", heap.relname AS "table", tree.rows AS "rows", tree.bytes AS "bytes",
                   tree.n_dead_tup AS "dead", tree.n_tup_ins AS "insert", tree.n_tup_upd AS "update",
                   tree.n_tup_hot_upd AS "hot_update", tree.n_tup_del AS "delete",
                   extract(epoch FROM tree.analyzed) AS "analyzed", extract(epoch FROM tree.vacuumed) AS "vacuumed"
            FROM tree JOIN pg_class AS heap ON heap.oid = tree.target
            JOIN pg_namespace AS space ON space.oid = heap.relnamespace AND space.nspname NOT LIKE 'pg\\_%'
            ORDER BY 1, 2
            """)
    }

    /// Builds now running on tables with vectors. The index itself is not known until it is committed.
    ///
    /// - Parameter silent: names of types whose access methods tell no progress.
    func builds(silent: [String]) -> Statement {
        statement(
            """
            WITH \(Self.holders), build AS (
                SELECT \(target) AS target, progress.command, progress.phase,
                       CASE WHEN EXISTS (SELECT FROM pg_attribute AS field JOIN pg_type AS kind ON kind.oid = field.atttypid
                                         WHERE field.attrelid = heap.oid AND kind.typname = ANY ($2::text[])) THEN NULL
                            WHEN progress.blocks_total > 0 THEN progress.blocks_done::float8 / progress.blocks_total
                            WHEN progress.tuples_total > 0 THEN progress.tuples_done::float8 / progress.tuples_total
                       END AS done,
                       clock_timestamp() - activity.query_start AS elapsed
                FROM pg_stat_progress_create_index AS progress
                JOIN holder ON holder.relid = progress.relid
                JOIN pg_class AS heap ON heap.oid = progress.relid
                LEFT JOIN pg_stat_activity AS activity ON activity.pid = progress.pid
                WHERE progress.datname = current_database()
            )
            SELECT DISTINCT space.nspname AS "schema", heap.relname AS "table", build.command AS "command",
                   build.phase AS "phase", min(build.done) OVER (PARTITION BY build.target) AS "done",
                   extract(epoch FROM max(build.elapsed) OVER (PARTITION BY build.target)) AS "elapsed"
            FROM build JOIN pg_class AS heap ON heap.oid = build.target
            JOIN pg_namespace AS space ON space.oid = heap.relnamespace
            ORDER BY 1, 2, 3, 4
            """, [Self.array(silent)])
    }
}

/// How the partitions of a table are told.
enum PartitionView: String, CaseIterable, Sendable {
    /// As one, under the name of the table at the top.
    case sum
    /// Each by its own name.
    case each
}
