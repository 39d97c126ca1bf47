import ExporterKit
import PostgresClient
import Testing

@testable import pg_exporter

struct RelationGuardTests {
    private let table = SQLTable(
        prefix: "pg_t", from: "v",
        labels: [.expression("datname", "current_database()"), .column("relname")],
        rows: [.counter("scans", "Scans."), .gauge("last", "Last.")])

    private func guarded(_ change: (inout RelationGuard) -> Void) -> String? {
        var relations = RelationGuard(.tables)
        change(&relations)
        return table.guarded(relations, oid: "relid", unsummed: ["last"]).question(for: .version(15))?.statement.sql
    }

    @Test func guardWithoutBoundsChangesNothing() {
        #expect(guarded { _ in } == "SELECT current_database(), relname, scans, last FROM v")
    }

    @Test func chosenRelationsAreGroupsAndTheOthersOne() throws {
        let sql = try #require(guarded { $0.limit = 5 })
        #expect(
            sql.hasPrefix(
                "SELECT current_database(), CASE WHEN chosen.oid IS NULL THEN 'other' ELSE relname::text END, "
                    + "sum(scans), max(last) FILTER (WHERE chosen.oid IS NOT NULL) FROM v LEFT JOIN (SELECT c.oid"))
        #expect(sql.hasSuffix("c.oid LIMIT 5) chosen ON chosen.oid = relid GROUP BY 1, 2, chosen.oid"))
    }

    @Test func namesAreConstantsThatCannotEnd() throws {
        let patterns = try NamePatterns(["it's", "a.b'; DROP TABLE x; --*"], from: "--tables.exclude")
        #expect(
            patterns.condition(schema: "s", name: "t")
                == "(t::text LIKE ANY (ARRAY['it''s']::text[]) OR "
                + "s::text || '.' || t::text LIKE ANY (ARRAY['a.b''; DROP TABLE x; --%']::text[]))")
        #expect(SQLText.literal(#"a\'b"#) == #"E'a\\''b'"#)
    }
}
