import Testing

@testable import PostgresClient

struct SessionTests {
    private let options = PostgresOptions(conninfo: "", applicationName: "test")

    @Test func limitsStayBelowTheTimeLeft() {
        let limits = SessionSettings.Limits(options, remaining: .seconds(2), count: 12)
        #expect(limits.statement == 2_000)
        #expect(limits.lock == 2_000 / 13)
        #expect(limits.withMargin.statement == 1_900)
    }

    @Test func shareLeavesTimeForTheOthersUnlessAStatementAsksForMore() {
        var options = options
        options.statementShare = 0.5
        let limits = SessionSettings.Limits(options, remaining: .seconds(2), count: 12)
        #expect(limits.statement == 1_000)
        let local = SessionSettings.local(to: Statement("SELECT 1").with(timeout: .seconds(60)), within: limits)
        #expect(local?.parameters == ["2000"])
    }

    @Test func limitsOfTheOptionsCap() {
        let limits = SessionSettings.Limits(options, remaining: .seconds(600), count: 1)
        #expect(limits.statement == 60_000)
        #expect(limits.lock == 1_000)
    }

    @Test func overdueRunHasTheShortestLimitNotNone() {
        // 0 would mean no limit.
        let limits = SessionSettings.Limits(options, remaining: .seconds(-1), count: 3)
        #expect(limits.withMargin.statement >= 1)
        #expect(limits.withMargin.lock >= 1)
    }

    @Test func limitsAreSetAgainOnlyWhenTheyNoLongerFit() {
        func limits(_ milliseconds: Int, _ count: Int = 12) -> SessionSettings.Limits {
            SessionSettings.Limits(options, remaining: .milliseconds(milliseconds), count: count)
        }
        let inForce = limits(10_000).withMargin
        #expect(limits(9_990).areServed(by: inForce))
        #expect(limits(9_500).areServed(by: inForce))
        #expect(!limits(9_400).areServed(by: inForce))
        #expect(!limits(30_000).areServed(by: inForce))
        #expect(!limits(10_000, 60).areServed(by: inForce))
    }

    @Test func settingsFollowTheVersion() {
        let limits = SessionSettings.Limits(options, remaining: .seconds(2), count: 1)
        let names = SessionSettings.all(options, limits, version: 130_000).map(\.name)
        #expect(names.contains("default_transaction_read_only"))
        #expect(names.contains("search_path"))
        #expect(names.contains("jit"))
        #expect(!SessionSettings.all(options, limits, version: 100_000).map(\.name).contains("jit"))
        #expect(SessionSettings.connectionCheck(version: 130_000) == nil)
        #expect(SessionSettings.connectionCheck(version: 140_000) != nil)
    }

    @Test func statementOfItsOwnLimitsHasThemSetBeforeIt() throws {
        let limits = SessionSettings.Limits(options, remaining: .seconds(2), count: 1)
        func local(_ timeout: Duration?, _ path: Statement.SearchPath) -> (sql: String, parameters: [String?])? {
            SessionSettings.local(to: Statement("SELECT 1", timeout: timeout, searchPath: path), within: limits)
        }
        #expect(local(nil, .session) == nil)
        #expect(local(.milliseconds(300), .session)?.parameters == ["300"])
        #expect(local(.seconds(9), .session)?.parameters == ["2000"], "never more than the run has")
        // 0 would mean no limit.
        #expect(local(.microseconds(1), .session)?.parameters == ["1"])
        let path = try #require(local(nil, .server))
        #expect(path.parameters == [])
        #expect(path.sql.contains("'search_path', NULL, true"))
        let both = try #require(local(.seconds(1), .server))
        #expect(both.sql.contains("statement_timeout") && both.sql.contains("search_path"))
        #expect(both.parameters == ["1000"])
    }

    @Test func settingsOfAStatementAreSetBeforeIt() throws {
        let limits = SessionSettings.Limits(options, remaining: .seconds(2), count: 1)
        let statement = Statement(
            "SELECT 1", timeout: .seconds(1), settings: ["hnsw.ef_search": "100", "enable_indexscan": "off"])
        let local = try #require(SessionSettings.local(to: statement, within: limits))
        #expect(local.parameters == ["1000", "enable_indexscan", "off", "hnsw.ef_search", "100"])
        #expect(local.sql.hasSuffix("set_config($2, $3, true), pg_catalog.set_config($4, $5, true)"))
        #expect(statement.with(timeout: .seconds(2)).settings == statement.settings)
    }

    @Test func cacheOfStatementsIsBounded() {
        var cache = StatementCache()
        for index in 0..<StatementCache.capacity {
            let name = cache.makeName()
            #expect(name != nil)
            cache.insert("SELECT \(index)", as: name ?? "")
        }
        #expect(cache.isFull)
        #expect(cache.makeName() == nil)
        let last = cache.name(of: "SELECT \(StatementCache.capacity - 1)")
        cache.removeAll()
        #expect(cache.name(of: "SELECT 0") == nil)
        // Names are never used twice on a connection: DEALLOCATE may have failed.
        #expect(cache.makeName() != last)
    }
}
