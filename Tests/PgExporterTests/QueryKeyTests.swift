import ExporterKit
import PostgresClient
import Testing

@testable import ExporterCommand
@testable import pg_exporter

/// Every key of an entry, in each of the formats.
struct QueryKeyTests {
    private func runs(_ query: CustomQuery, on server: PostgresFacts, tags: Set<String> = []) -> Bool {
        query.conditions.obstacle(on: server, tags: tags) == nil
    }

    private func isMain(_ query: CustomQuery) -> Bool {
        if case .main = query.databases { true } else { false }
    }

    private func patterns(_ query: CustomQuery) -> [String] {
        if case .matching(let patterns) = query.databases { patterns.map(\.description) } else { [] }
    }

    @Test func queryMayHaveLinesCommentsAndASemicolon() throws {
        let read = try query(
            """
            q:
              query: |
                -- a comment; with a semicolon
                SELECT ';' AS v, 'it''s' /* another; */
                FROM t;
              metrics: [{v: {usage: LABEL}}]
            """)
        #expect(read.sql.contains("FROM t;"))
        #expect(read.statement.searchPath == .server)
    }

    @Test func namespaceIsTheKeyOrItsName() throws {
        #expect(try entry().namespace == "q")
        let named = try entry("name: other")
        #expect(named.namespace == "other")
        #expect(named.key == "q")
    }

    @Test func runonserverIsARangeOfVersions() throws {
        let query = try entry("runonserver: \">=15.0.0 <16.0.0 || 18\"")
        #expect(runs(query, on: facts(150_004)))
        #expect(!runs(query, on: facts(160_001)))
        #expect(runs(query, on: facts(180_000)))
        #expect(query.conditions.obstacle(on: facts(160_001), tags: [])?.contains(">=15.0.0") == true)
    }

    @Test func pgVersionOfTheQueryCountsToo() throws {
        let query = try entry("pg_version: \">=16\"")
        #expect(!runs(query, on: facts(150_004)))
        #expect(runs(query, on: facts(170_000)))
    }

    @Test func versionNumbersIncludeTheLowerBoundOnly() throws {
        let query = try entry("min_version: 140000", "max_version: 160000")
        for (number, expected) in [(139_999, false), (140_000, true), (159_999, true), (160_000, false)] {
            #expect(runs(query, on: facts(number)) == expected, "\(number)")
        }
        #expect(runs(try entry("min_version: 0", "max_version: 0"), on: facts(90_000)))
    }

    @Test func primaryIsForPrimariesOnly() throws {
        let query = try entry("primary: true")
        #expect(runs(query, on: facts(standby: false)))
        #expect(!runs(query, on: facts(standby: true)))
        #expect(runs(try entry("primary: false"), on: facts(standby: true)))
    }

    @Test func masterIsTheMainDatabaseForPostgresExporterAndTheRoleForCloudNativePG() throws {
        let upstream = try entry("master: true")
        #expect(isMain(upstream))
        #expect(runs(upstream, on: facts(standby: true)), "replication lag is asked of standbys with master: true")
        #expect(!isMain(try entry("master: false")))
        let other = try entry("master: true", "target_databases: [\"*\"]")
        #expect(!runs(other, on: facts(standby: true)))
        #expect(runs(other, on: facts()))
    }

    @Test func cacheSecondsAndTtlKeepAnswers() throws {
        #expect(try entry("cache_seconds: 30").freshFor == .seconds(30))
        #expect(try entry("cache_seconds: 0").freshFor == nil)
        #expect(try entry("ttl: 10").freshFor == .seconds(10))
        #expect(try entry("ttl: 0.5").freshFor == .milliseconds(500))
        #expect(try entry("ttl: 2m").freshFor == .seconds(120))
        #expect(try entry("ttl: 10").question.freshFor == .seconds(10))
        #expect(try entry().freshFor == nil)
    }

    @Test func timeoutIsTheStatementsOwn() throws {
        #expect(try entry("timeout: 0.1").statement.timeout == .milliseconds(100))
        #expect(try entry("timeout: 2s").statement.timeout == .seconds(2))
        #expect(try entry("timeout: -1").statement.timeout == nil)
        #expect(try entry("timeout: 0").statement.timeout == nil)
        let guarded = try entry("timeout: 3", "predicate_query: SELECT true")
        #expect(guarded.predicates.first?.statement.timeout == .seconds(3))
    }

    @Test func targetDatabasesAreNamesAndPatterns() throws {
        let query = try entry("target_databases: [\"app_*\", template1]")
        #expect(patterns(query) == ["app_*", "template1"])
        let question = query.question
        guard case .databases(let isChosen) = question.scope else { throw CancellationError() }
        #expect(isChosen("app_1") && isChosen("template1") && !isChosen("other"))
        #expect(question.named == ["template1"])
        #expect(query.mayAskSeveral(discovering: false))
    }

    @Test func whereAQueryRunsFollowsItsFormat() throws {
        guard case .every = try entry().databases else { throw CancellationError() }
        guard case .every = try entry("desc: something").databases else { throw CancellationError() }
        #expect(isMain(try entry("primary: false")), "CloudNativePG asks the main database")
        #expect(isMain(try entry("tags: [cluster]")))
    }

    @Test func predicatesAreReadFromBothKeys() throws {
        #expect(try entry("predicate_query: SELECT true").predicates.map(\.statement.sql) == ["SELECT true"])
        let several = try entry(
            "predicate_queries:", "  - {name: first, predicate_query: SELECT 1 = 1, ttl: 60}",
            "  - {predicate_query: SELECT 2 = 2}")
        #expect(several.predicates.map(\.statement.sql) == ["SELECT 1 = 1", "SELECT 2 = 2"])
        #expect(several.predicates.map(\.keptFor) == [.seconds(60), nil])
        #expect(several.question.predicates.count == 2)
    }

    @Test(arguments: ["primary", "master", "leader"])
    func tagsOfPrimaries(tag: String) throws {
        let query = try entry("tags: [cluster, \(tag)]")
        #expect(runs(query, on: facts()) && !runs(query, on: facts(standby: true)))
    }

    @Test(arguments: ["standby", "replica", "slave"])
    func tagsOfStandbys(tag: String) throws {
        let query = try entry("tags: [\(tag)]")
        #expect(!runs(query, on: facts()) && runs(query, on: facts(standby: true)))
    }

    @Test func tagsOfTheExporterAreWantedAndRefused() throws {
        let wanted = try entry("tags: [slow]")
        #expect(!runs(wanted, on: facts()) && runs(wanted, on: facts(), tags: ["slow"]))
        let refused = try entry("tags: [\"not:slow\"]")
        #expect(runs(refused, on: facts()) && !runs(refused, on: facts(), tags: ["slow"]))
    }

    @Test func tagsWithAPrefix() throws {
        #expect(patterns(try entry("tags: [\"dbname:a*b\"]")) == ["a*b"])
        guard case .databases(let isChosen) = try entry("tags: [\"dbname:a*b\"]").question.scope else {
            throw CancellationError()
        }
        #expect(isChosen("a*b") && !isChosen("axb"), "a name, no pattern")
        let user = try entry("tags: [\"username:monitor\"]")
        #expect(!runs(user, on: facts(user: "u")) && runs(user, on: facts(user: "monitor")))
        let question = try entry("tags: [\"extension:citus\"]").question
        #expect(question.applies?(facts()) == false)
        #expect(question.applies?(facts(extensions: ["citus"])) == true)
        let schema = try entry("tags: [\"schema:monitor\"]").predicates
        #expect(schema.first?.statement.parameters == ["monitor"])
        #expect(!runs(try entry("tags: [pgbouncer]"), on: facts()))
    }

    @Test func skipFatalAndPriority() throws {
        #expect(try entry("skip: true").isSkipped)
        #expect(try entry("fatal: true").isFatal)
        let all = try CustomQueries([
            QueryFiles.Content(
                path: "q.yaml",
                bytes: Array(
                    """
                    late: {query: SELECT 1, priority: 900}
                    plain: {query: SELECT 2}
                    first: {query: SELECT 3, priority: 1}
                    gone: {query: SELECT 4, skip: true, metrics: [{v: {usage: GAUGE}}]}
                    """.utf8))
        ])
        #expect(all.active.map(\.key) == ["first", "plain", "late"])
        #expect(all.queries.count == 4)
        #expect(all.descriptors.isEmpty)
    }

    @Test func configMapOfKubernetesIsReadAndPlacesAreThoseOfTheFile() throws {
        let text = """
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: queries}
            data:
              custom: |
                one:
                  query: SELECT 1 AS v
                  metrics:
                    - v: {usage: GAUGE}
            """
        #expect(try query(text).key == "one")
        #expect(try query(text).position.line == 7)
        #expect(flaw(text.replacing("usage", with: "usag")).hasPrefix("q.yaml:10:"))
        #expect(flaw("apiVersion: v1\nkind: Secret\ndata: {a: b}").contains("ConfigMap"))
    }
}
