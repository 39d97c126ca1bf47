import ExporterCommand
import Testing

@testable import pg_exporter

struct GuardFlagTests {
    private func options(_ arguments: [String]) throws -> CollectorOptions {
        try CollectorOptions(try PgExporter.parse(arguments))
    }

    @Test func nothingIsGuardedWithoutFlags() throws {
        let options = try options([])
        #expect(!options.tables.isActive)
        #expect(!options.indexes.isActive)
        #expect(options.sizesFreshFor == .seconds(60))
        #expect(options.activityLabels == ActivityLabel.allCases)
    }

    @Test func everyGuardHasItsFlag() throws {
        let options = try options([
            "--tables.limit=7", "--tables.min-size=10MB", "--tables.include=app.*, log_?", "--tables.exclude=tmp%_*",
            "--indexes.limit=3", "--sizes.fresh-for=0s", "--collector.stat_activity.labels=state,datname",
        ])
        #expect(options.tables.limit == 7)
        #expect(options.tables.minSize == 10_485_760)
        #expect(options.tables.include.qualified.map(\.like) == ["app.%"])
        #expect(options.tables.include.names.map(\.like) == [#"log\__"#])
        #expect(options.tables.exclude.names.map(\.like) == [#"tmp\%\_%"#])
        #expect(options.indexes.limit == 3)
        #expect(options.sizesFreshFor == nil)
        #expect(options.activityLabels == [.datname, .state])
    }

    static let refused = [
        ("--tables.include=^app_.*$", "--tables.include: \"^app_.*$\" has a \"^\""),
        ("--tables.exclude=a,(b|c)", "--tables.exclude: \"(b|c)\" has a \"(\""),
        ("--indexes.include=a[0-9]", "--indexes.include: \"a[0-9]\" has a \"[\""),
        ("--tables.min-size=10 mb", "--tables.min-size: \"10 mb\" is no size"),
        ("--indexes.min-size=-1", "--indexes.min-size: \"-1\" is no size"),
        (
            "--collector.stat_activity.labels=datname,user",
            "\"user\" is no label of pg_stat_activity_count; it has datname"
        ),
    ]

    @Test(arguments: refused)
    func refusalSaysWhereAndWhatToDo(argument: String, text: String) {
        let error = #expect(throws: UsageError.self) { try options([argument]) }
        #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: [
        ("0", 0), ("512", 512), ("8kB", 8_192), ("1MB", 1_048_576), ("2GB", 2_147_483_648), ("3B", 3),
        ("1TB", 1_099_511_627_776), ("", nil), ("MB", nil), ("1.5MB", nil), ("99999999999TB", nil), ("1PB", nil),
    ])
    func sizeIsReadAsPostgreSQLWritesIt(text: String, bytes: Int?) {
        #expect(ByteSize.parse(text) == bytes)
    }
}
