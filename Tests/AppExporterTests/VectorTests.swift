import ExporterKit
import PostgresClient
import Testing

@testable import app_exporter

struct VectorTests {
    static func index(
        predicate: String? = nil, adapter: VectorAdapter = .plain, distance: String = "<->",
        isPartitioned: Bool = false,
        engine: String? = nil, settings: [String: String] = [:]
    ) -> VectorIndex {
        VectorIndex(
            database: "d", schema: "public", table: "docs", name: "docs_idx", relation: "public.docs",
            expression: "embedding", predicate: predicate,
            distance: VectorDistance(
                name: distance, sql: "OPERATOR(public.\(distance))", function: "public.l2_distance"),
            type: "public.vector", adapter: adapter, owner: adapter == .plain ? "vector" : "ruvector", engine: engine,
            isPartitioned: isPartitioned, members: ["docs_idx"], pages: 10, rows: 100, settings: settings)
    }
    private let vector = QueryVector(address: "(0,1)", table: nil, text: "[1,2]")

    @Test(arguments: [
        ([], "public", "docs", true), (["public.*"], "public", "docs", true), (["public.*"], "other", "docs", false),
        (["*.docs"], "any", "docs", true), (["public.do*s"], "public", "doorknobs", true),
        (["public.do*s"], "public", "door", false), (["public.docs"], "public", "docs2", false),
        (["*"], "a", "b", true),
    ])
    func filterMatchesPatterns(patterns: [String], schema: String, table: String, expected: Bool) {
        #expect(TableFilter(patterns: patterns).includes(schema: schema, table: table) == expected)
    }

    // MARK: - Statements

    @Test func searchNamesOperatorAndTypeAndQuotesTheVector() {
        let statement = Self.index().search("[1,2]", k: 5)
        #expect(
            statement.sql
                == "SELECT /* app-exporter */ ctid FROM public.docs ORDER BY (embedding) OPERATOR(public.<->) "
                + "'[1,2]'::public.vector LIMIT 5")
        #expect(statement.parameters.isEmpty)
        #expect(!statement.prepared)
    }

    @Test func conditionsStandInEveryStatement() {
        let index = Self.index(predicate: "a) AND (b", settings: ["hnsw.ef_search": "9"])
        #expect(index.search("[1]", k: 1).sql.contains("FROM public.docs WHERE (a) AND (b) ORDER BY"))
        #expect(index.exactSearch("[1]", k: 1).sql.contains("IS NOT NULL AND (a) AND (b) ORDER BY 1"))
        #expect(index.sample(percent: 1, limit: 1).sql.hasSuffix("IS NOT NULL AND (a) AND (b) LIMIT 1"))
        #expect(index.sample(percent: 1, limit: 1, isMixed: true).sql.hasSuffix("ORDER BY random() LIMIT 1"))
        #expect(index.search("[1]", k: 1).settings == ["hnsw.ef_search": "9"])
        #expect(index.plan("[1]", k: 1).settings == ["hnsw.ef_search": "9"])
        #expect(index.exactSearch("[1]", k: 1).settings == [:])
    }

    @Test func rowsOfPartitionsAreToldApart() {
        let index = Self.index(isPartitioned: true)
        #expect(index.search("[1]", k: 1).sql.contains("ctid, tableoid FROM"))
        let vector = QueryVector(address: "(0,1)", table: "17", text: "[1]")
        #expect(index.row(of: vector).sql.hasSuffix("WHERE ctid = '(0,1)'::tid AND tableoid = 17"))
        let table = ResultTable(columns: ["ctid", "tableoid"], rows: [["(0,1)", "17"], ["(0,1)", "18"]])
        #expect(index.places(in: table) == [vector.place, "(0,1)18"])
        let sample = ResultTable(
            columns: ["text", "ctid", "tableoid"], rows: [["[1]", "(0,1)", "17"], ["[0]", "x", "1"]])
        #expect(index.vectors(in: sample) == [vector])
    }

    @Test(arguments: [("it's", "'it''s'"), ("a\\'b", "E'a\\\\''b'"), ("[1,2]", "'[1,2]'")])
    func literalsEndNowhereElse(text: String, expected: String) {
        #expect(SQLText.quoted(text) == expected)
    }

    @Test func planNamesTheIndexExactly() {
        func plan(_ name: String) -> ResultTable {
            ResultTable(columns: ["QUERY PLAN"], rows: [["[{\"Plan\": {\"Index Name\": \"\(name)\"}}]"]])
        }
        #expect(Self.index().isUsed(in: plan("docs_idx")))
        #expect(!Self.index().isUsed(in: plan("docs_idx2")))
        var index = Self.index()
        index.members = ["a\"b"]
        #expect(index.isUsed(in: plan("a\\\"b")))
    }

    // MARK: - RuVector

    @Test func ruVectorIsAskedWithoutIndexesAndItsInnerProductIsTurned() {
        let index = Self.index(adapter: .ruvector, distance: "<#>")
        #expect(index.exactSearch("[1]", k: 1).sql.contains("(-public.l2_distance((embedding), '[1]'::public.vector))"))
        for statement in [
            index.exactSearch("[1]", k: 1), index.sample(percent: 1, limit: 1), index.row(of: vector),
        ] {
            #expect(statement.settings["enable_indexscan"] == "off", "\(statement.sql)")
            #expect(
                statement.settings["enable_bitmapscan"] == "off" && statement.settings["enable_indexonlyscan"] == "off")
        }
        #expect(index.search("[1]", k: 1).settings == [:], "the search itself is what the index is for")
        #expect(!Self.index(distance: "<#>").exactSearch("[1]", k: 1).sql.contains("-public"), "pgvector's is negative")
        #expect(VectorAdapter.ruvector.maximumRows == 100)
        #expect(!VectorAdapter.ruvector.countsScans && VectorAdapter.plain.countsScans)
    }

    @Test(arguments: [
        ("vector", "vector", VectorAdapter.plain), ("ruvector", "ruvector", .ruvector),
        ("ruvector", "other", .ruvector),
        ("swarm", "swarmvector", .ruvector), ("cube", "cube", .plain), ("vector", "bit", .plain),
    ])
    func adapterIsChosenByTypeAndOwner(owner: String, type: String, expected: VectorAdapter) {
        var settings = RuVectorSettings()
        settings.types = ["ruvector", "swarmvector"]
        #expect(VectorAdapter(extension: owner, type: type, settings) == expected)
    }

    @Test func versionsSortAsTheyCameOut() throws {
        let order = ["0.1.0", "2.0.0", "2.0.1", "2.0.3", "2.0.4", "0.3.0", "0.3.2", "2.0.5", "2.0.6", "2.1.0"]
        let versions = try order.map { try #require(RuVectorVersion($0)) }
        #expect(versions.sorted() == versions)
        #expect(versions.sorted().map(\.description) == order)
        for text in ["", "2", "2.0", "two", "2..1", "2.0.1.4"] { #expect(RuVectorVersion(text) == nil, "\(text)") }
        #expect(RuVectorVersion("v2.0.6-rc1")?.description == "2.0.6")
    }

    @Test(arguments: [
        ("2.0.2", "2.0.3", false), ("2.0.3", "2.0.3", true), ("2.0.6", "2.0.3", true), ("0.1.0", "2.0.3", false),
        ("0.3.0", "2.0.3", false), ("0.3.2", "2.0.3", true), ("0.3.0", "0.3.0", true), ("2.0.4", "0.3.0", false),
        ("0.3.5", "2.0.5", false),
    ])
    func gateKnowsTheLineInBetween(version: String, minimum: String, expected: Bool) throws {
        let safe = try #require(RuVectorVersion(version)).isSafe(minimum: try #require(RuVectorVersion(minimum)))
        #expect(safe == expected)
    }

    @Test func searchingRuVectorNeedsConsentAndAVersion() {
        var settings = RuVectorSettings()
        #expect(settings.permission(for: Self.index()) == .granted)
        #expect(settings.permission(for: Self.index(adapter: .ruvector, engine: "2.0.6")) == .notAsked)
        settings.probe = true
        #expect(settings.permission(for: Self.index(adapter: .ruvector, engine: "2.0.6")) == .granted)
        for engine in ["2.0.1", nil] {
            guard case .refused(let why) = settings.permission(for: Self.index(adapter: .ruvector, engine: engine))
            else {
                Issue.record("\(engine ?? "an unknown version") may end the server")
                continue
            }
            #expect(why.contains("vector.ruvector.force: true"))
        }
        settings.force = true
        #expect(settings.permission(for: Self.index(adapter: .ruvector, engine: "2.0.1")) == .granted)
    }

    // MARK: - Vectors and values

    @Test(arguments: [
        ("[0,0,0]", false), ("[0,0.5,0]", true), ("[0,-1e-9]", true), ("{}/5", false), ("{3:0}/5", false),
        ("{3:0.5}/5", true), ("{1:0,4:2}/5", true), ("000", false), ("010", true), ("(0, 0)", false), ("(0, 3)", true),
    ])
    func zeroVectorsAreNotSearchedFor(text: String, expected: Bool) {
        #expect(QueryVector.canBeSearched(text) == expected)
    }

    @Test(arguments: [
        ("[1,2,3]", 3), ("{1:0.5}/384", 384), ("0101", 4), ("(1, 2)", 2), ("(1, 2, 3),(4, 5, 6)", 3), ("odd", nil),
    ])
    func dimensionsAreReadFromAVector(text: String, expected: Int?) {
        #expect(QueryVector(address: "(0,1)", table: nil, text: text).dimensions == expected)
    }

    @Test(arguments: [
        ("64", "hnsw.ef_search", 64.0 as Double?), ("64", "work_mem", 65_536),
        ("1GB", "maintenance_work_mem", 1_073_741_824),
        ("128 MB", "shared_buffers", 134_217_728), ("16384", "shared_buffers", 134_217_728),
        ("relaxed_order", "hnsw.iterative_scan", nil),
    ])
    func settingsAreNumbers(text: String, name: String, expected: Double?) {
        #expect(SettingText.number(text, of: name) == expected)
    }

    @Test func distancesAreReadInOrder() {
        let list = "<->\tOPERATOR(a.<->)\ta.l2\n<#>\tOPERATOR(a.<#>)\ta.ip\nbroken"
        #expect(VectorDistance.read(list).map(\.name) == ["<->", "<#>"])
        #expect(VectorDistance.read("").isEmpty)
    }

    @Test func namesOfExtensionsCannotLeaveTheirList() {
        #expect(VectorQueries.array(["vector", "a\"b\\c,d"]) == "{\"vector\",\"a\\\"b\\\\c,d\"}")
    }
}
