internal import ExporterKit

/// SQL over pg_stat_statements as the extension's version has it, which need not be the server's.
struct StatementQuestions {
    private let function: String
    private let version: ServerVersion
    private let extent: Int

    /// - Parameter extent: most statements asked for.
    /// - Returns: `nil` when the connected database does not have the extension.
    init?(_ facts: PostgresFacts, extent: Int) {
        guard let function = facts.name("pg_stat_statements", of: "pg_stat_statements"),
            let version = facts.extensions["pg_stat_statements"]?.version
        else { return nil }
        self.function = function
        self.version = version
        self.extent = extent
    }

    /// User, database, id and numbers of the first statements by time; `$1` and `$2` are the databases and users left out.
    ///
    /// A statement is there once for each way it was called (at top level or inside of a function): summed, in `float8`,
    /// because sums of `bigint` take so much memory that those of some thousand statements go through a file.
    var numbers: String { "SELECT \(user), d.datname, s.queryid, calls, time, rows, reading, writing \(first)" }

    /// Id and text of the ids in `$1`.
    func texts(_ length: Int) -> String {
        """
        SELECT queryid, min(left(\(Self.text), \(length))) FROM \(function)(\(Self.memory) IS NOT NULL) \
        WHERE queryid = ANY ($1::bigint[]) GROUP BY 1
        """
    }

    /// Id and text of those that `numbers` gives.
    func textsOfFirst(_ length: Int) -> String {
        """
        SELECT queryid, min(left(\(Self.text), \(length))) FROM \(function)(\(Self.memory) IS NOT NULL) \
        WHERE queryid IN (SELECT s.queryid \(first)) GROUP BY 1
        """
    }

    /// The server puts `$1` in the place of constants, but not in a statement such as CREATE ROLE … PASSWORD '…': where a
    /// password is spoken of, no constant is shown.
    private static let text = #"""
        CASE WHEN query ~* 'password|passwd|secret' THEN regexp_replace(regexp_replace(query, \#
        '\$([[:alpha:]_]*)\$.*?\$\1\$', '''***''', 'g'), '''([^'']|'''')*''', '''***''', 'g') ELSE query END
        """#

    private let user = "pg_get_userbyid(s.userid)"

    private var first: String {
        """
        FROM (SELECT userid, dbid, queryid, sum(calls::float8) AS calls, sum(\(column("total_time", "total_exec_time", since: 8))) \
        AS time, sum(rows::float8) AS rows, sum(\(column("blk_read_time", "shared_blk_read_time", since: 11))) AS reading, \
        sum(\(column("blk_write_time", "shared_blk_write_time", since: 11))) AS writing \
        FROM \(function)(\(Self.memory) IS NULL) WHERE queryid IS NOT NULL GROUP BY 1, 2, 3) s \
        JOIN pg_database d ON d.oid = s.dbid \
        WHERE d.datname <> ALL ($1::name[]) AND \(user) <> ALL ($2::name[]) \
        ORDER BY time DESC, s.queryid, s.userid, s.dbid LIMIT \(extent)
        """
    }

    /// Whether the function shows texts is said in a way that gives it, for this statement alone, enough memory for the
    /// rows of more than a hundred thousand statements: beyond `work_mem` they would go through a file in every scrape.
    private static let memory = "set_config('work_mem', '64MB', true)"

    private func column(_ old: String, _ new: String, since minor: Int) -> String {
        version < ServerVersion(1, minor) ? old : new
    }
}
