internal import PostgresClient

extension VectorQueries {
    /// Extensions that are there, what loads their libraries, and what tells their engine's version.
    var present: Statement {
        Statement(
            """
            SELECT ext.extname AS "extension", ext.extversion AS "version", current_database() AS "database",
                   (SELECT format('SELECT ''[1]''::%I.%I', space.nspname, kind.typname)
                    FROM pg_type AS kind JOIN pg_namespace AS space ON space.oid = kind.typnamespace
                    WHERE kind.typname = 'vector' AND \(Self.belongs("pg_type", "kind.oid"))) AS "load",
                   (SELECT format('SELECT %I.%I()::text', space.nspname, function.proname)
                    FROM pg_proc AS function JOIN pg_namespace AS space ON space.oid = function.pronamespace
                    WHERE function.proname = ext.extname || '_version' AND function.pronargs = 0
                      AND \(Self.belongs("pg_proc", "function.oid"))) AS "engine"
            FROM pg_extension AS ext
            WHERE ext.extname = ANY ($1::text[]) ORDER BY 1
            """, [Self.array(extensions)])
    }

    private static func belongs(_ catalog: String, _ object: String) -> String {
        """
        EXISTS (SELECT FROM pg_depend AS link WHERE link.classid = '\(catalog)'::regclass AND link.objid = \(object)
                AND link.refclassid = 'pg_extension'::regclass AND link.refobjid = ext.oid AND link.deptype = 'e')
        """
    }

    /// Settings that decide recall or memory. Those of a library exist only in a session that has loaded it.
    var settings: Statement {
        Statement(
            """
            SELECT name, vartype = 'enum' AS word, setting,
                   CASE WHEN vartype <> 'enum' THEN
                       CASE unit WHEN 'kB' THEN setting::numeric * 1024 WHEN '8kB' THEN setting::numeric * 8192
                                 WHEN 'MB' THEN setting::numeric * 1048576 ELSE setting::numeric END END AS value
            FROM pg_settings
            WHERE (vartype IN ('integer', 'real') AND \(Self.isRelevant("name")))
               OR (vartype = 'enum' AND \(Self.isOfLibrary("name")))
            ORDER BY 1
            """, [Self.array(extensions)])
    }

    /// What users and databases have as their own defaults of these settings.
    var defaults: Statement {
        Statement(
            """
            SELECT DISTINCT ON (1, 2) coalesce(role.rolname, '') AS role, split_part(entry, '=', 1) AS name,
                   substr(entry, strpos(entry, '=') + 1) AS value
            FROM pg_db_role_setting AS own
            CROSS JOIN unnest(own.setconfig) AS entry
            LEFT JOIN pg_roles AS role ON role.oid = own.setrole
            WHERE own.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
              AND \(Self.isRelevant("split_part(entry, '=', 1)"))
            ORDER BY 1, 2, own.setdatabase DESC
            """, [Self.array(extensions)])
    }

    private static func isOfLibrary(_ name: String) -> String {
        "(split_part(\(name), '.', 2) <> '' AND split_part(\(name), '.', 1) IN ('hnsw', 'ivfflat')"
            + " OR split_part(\(name), '.', 2) <> '' AND split_part(\(name), '.', 1) = ANY ($1::text[]))"
    }

    private static func isRelevant(_ name: String) -> String {
        "(\(isOfLibrary(name)) OR \(name) IN ('work_mem', 'maintenance_work_mem', 'shared_buffers',"
            + " 'effective_cache_size', 'max_parallel_maintenance_workers'))"
    }

    /// Where extensions are that other questions need, in SQL; `nil` values for those that are not there.
    static let helpers = Statement(
        """
        SELECT ext.extname, format('%I', space.nspname) AS home
        FROM pg_extension AS ext JOIN pg_namespace AS space ON space.oid = ext.extnamespace
        WHERE ext.extname IN ('pg_buffercache', 'pg_stat_statements')
        """)

    /// Statements that order by one of these operators, other than the exporter's own.
    ///
    /// - Parameter home: schema of pg_stat_statements, quoted for SQL.
    static func statements(_ operators: [String], home: String) -> Statement {
        Statement(
            """
            SELECT wanted.operator, coalesce(sum(entry.calls), 0) AS calls,
                   coalesce(sum(entry.total_exec_time), 0) / 1000 AS seconds
            FROM unnest($1::text[]) AS wanted (operator)
            LEFT JOIN \(home).pg_stat_statements AS entry
              ON entry.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
             AND entry.query ~* 'order\\s+by' AND strpos(entry.query, wanted.operator) > 0
             AND strpos(entry.query, '\(VectorIndex.mark)') = 0 AND entry.query !~* '^\\s*(explain|create|alter|drop)'
            GROUP BY 1 ORDER BY 1
            """, [array(operators)])
    }

    /// Bytes of each index in shared buffers, by the name of its leaf: looks at every buffer.
    ///
    /// - Parameter home: schema of pg_buffercache, quoted for SQL.
    static func cached(_ indexes: [UInt32], home: String) -> Statement {
        Statement(
            """
            SELECT idx.oid, coalesce(count(buffer.bufferid), 0) * current_setting('block_size')::bigint AS bytes
            FROM unnest($1::oid[]) AS idx (oid)
            LEFT JOIN \(home).pg_buffercache AS buffer ON buffer.relfilenode = pg_relation_filenode(idx.oid)
             AND buffer.reldatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
            GROUP BY 1
            """, ["{" + indexes.map(String.init).joined(separator: ",") + "}"])
    }
}
