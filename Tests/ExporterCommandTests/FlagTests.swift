import Testing

@testable import ExporterCommand

@Suite struct FlagTests {
    @Test func defaultsHoldWhereNothingIsGiven() throws {
        let flags = try Toy.parse([])
        #expect(flags.strings("web.listen-address") == [":9999"])
        #expect(flags.string("web.telemetry-path") == "/metrics")
        #expect(flags.int("web.max-requests") == 40)
        #expect(flags.duration("web.scrape-timeout") == .seconds(60))
        #expect(flags.duration("web.timeout-offset") == .milliseconds(250))
        #expect(flags.string("log.level") == "info")
        #expect(!flags.isSet("web.max-requests"))
        #expect(Toy.enabledCollectors(flags) == ["wal"])
    }

    @Test(arguments: [
        ["--web.max-requests=7"], ["--web.max-requests", "7"], ["--toy.strict", "--web.max-requests=7", "--"],
    ])
    func valueFollowsEqualsSignOrSpace(line: [String]) throws {
        #expect(try Toy.parse(line).int("web.max-requests") == 7)
    }

    @Test(arguments: [
        (["--toy.strict"], true), (["--no-toy.strict"], false), (["--toy.strict=false"], false),
        (["--toy.strict=T"], true), (["--toy.strict=0"], false),
    ])
    func boolHasThreeForms(line: [String], expected: Bool) throws {
        let flags = try Toy.parse(line)
        #expect(flags.bool("toy.strict") == expected)
        #expect(flags.isSet("toy.strict"))
    }

    @Test(arguments: [("debug", "debug"), ("WARN", "warn"), ("Warning", "warn"), ("error", "error")])
    func levelIgnoresCaseAndKnowsWarning(text: String, expected: String) throws {
        #expect(try Toy.parse(["--log.level", text]).string("log.level") == expected)
    }

    @Test func repeatableFlagGathersItsValues() throws {
        let line = ["--web.listen-address=:1", "--web.listen-address", "[::1]:2"]
        #expect(try Toy.parse(line).strings("web.listen-address") == [":1", "[::1]:2"])
    }

    @Test(arguments: [
        ([], ["wal"]), (["--collector.locks"], ["locks", "wal"]), (["--no-collector.wal"], []),
        (["--collector.disable-defaults"], []),
        (["--collector.disable-defaults", "--collector.wal"], ["wal"]),
    ])
    func collectorsFollowTheirFlags(line: [String], expected: [String]) throws {
        #expect(Toy.enabledCollectors(try Toy.parse(line)).sorted() == expected)
    }

    @Test func commandLineBeatsEnvironmentAndEmptyVariableCountsAsUnset() throws {
        let environment = ["TOY_EXPORTER_WEB_MAX_REQUESTS": "5", "TOY_URL": "", "TOY_LABELS": "a=1\nb=2"]
        let fromEnvironment = try Toy.parse([], environment: environment)
        #expect(fromEnvironment.int("web.max-requests") == 5)
        #expect(fromEnvironment.origin("web.max-requests") == "TOY_EXPORTER_WEB_MAX_REQUESTS")
        #expect(fromEnvironment.string("toy.url") == "toy://localhost")
        #expect(!fromEnvironment.isSet("toy.url"))
        #expect(fromEnvironment.strings("toy.label") == ["a=1", "b=2"])
        let fromLine = try Toy.parse(["--web.max-requests=6"], environment: environment)
        #expect(fromLine.int("web.max-requests") == 6)
    }

    @Test func argumentFileStandsForItsLines() throws {
        let text = "# a comment\n--toy.color=blue\n\n--web.max-requests\n3\n"
        try withFile(Array(text.utf8)) { path in
            let flags = try Toy.parse(["--toy.strict", "@\(path)"])
            #expect(flags.string("toy.color") == "blue")
            #expect(flags.int("web.max-requests") == 3)
        }
    }

    @Test func argumentFileThatNamesItselfIsRefused() throws {
        try withFile([]) { path in
            try Array("@\(path)".utf8).withUnsafeBytes { try write($0, to: path) }
            #expect(throws: UsageError("too many @file arguments; does a file name itself?")) {
                try Toy.parse(["@\(path)"])
            }
        }
    }

    @Test(arguments: [
        (["--colector.wal"], "unknown flag --colector.wal (did you mean --collector.wal?); see --help"),
        (["--collector.wall"], "unknown collector --collector.wall (did you mean --collector.wal?); see --help"),
        (
            ["--no-collector.lock"],
            "unknown collector --no-collector.lock (did you mean --no-collector.locks?); see --help"
        ),
        (["-web.max-requests=4"], "unknown flag -web.max-requests (did you mean --web.max-requests?); see --help"),
        (["--pasword=geheim"], "unknown flag --pasword; see --help"),
        (["--web.max-requests"], "--web.max-requests needs a value; see --help"),
        (
            ["--web.max-requests", "--once"],
            "--web.max-requests needs a value; one that begins with - is given as --web.max-requests=VALUE"
        ),
        (["--web.max-requests", "-1"], "--web.max-requests: `-1` is not a whole number of at least 0; see --help"),
        (["--web.max-requests=4x"], "--web.max-requests: `4x` is not a whole number of at least 0; see --help"),
        (["--toy.age=7"], "--toy.age: `7` is not a time such as 10s, 250ms or 1m30s; see --help"),
        (
            ["--web.scrape-timeout=0s"],
            "--web.scrape-timeout: `0s` is not a time of at least 1ms such as 10s, 250ms or 1m30s; see --help"
        ),
        (["--toy.color=green"], "--toy.color: `green` is not one of red, blue; see --help"),
        (["--toy.strict=yes"], "--toy.strict: `yes` is not true or false; see --help"),
        (["--no-toy.strict=true"], "--no-toy.strict takes no value; see --help"),
        (["--toy.color=red", "--toy.color=red"], "--toy.color cannot be repeated; give it once"),
        (["--toy.strict", "--no-toy.strict"], "--no-toy.strict cannot be repeated; give it once"),
        (["geheim"], "unexpected argument; every flag begins with --, see --help"),
        (["--once", "true"], "unexpected argument after --once; a value goes behind =, as in --once=false"),
        (
            ["--toy.url=a", "geheim"],
            "unexpected argument after --toy.url and its value; a value with spaces needs quotes"
        ),
        (["--", "geheim"], "unexpected argument after --: there is nothing to give but flags; see --help"),
        (
            ["@/nowhere/args"],
            "@file argument: /nowhere/args: cannot read the file: No such file or directory; check the path and its permissions"
        ),
    ])
    func mistakeIsNamedInOneLine(line: [String], expected: String) {
        #expect(throws: UsageError(expected)) { try Toy.parse(line) }
    }

    @Test func badVariableIsNamed() {
        let expected = UsageError("TOY_STRICT: `maybe` is not true or false; see --help")
        #expect(throws: expected) { try Toy.parse([], environment: ["TOY_STRICT": "maybe"]) }
    }

    @Test func valuesAreNeverPrinted() throws {
        let flags = try Toy.parse(["--toy.url=geheim"])
        #expect("\(flags)" == "FlagValues(given: toy.url)")
        var dumped = ""
        dump(flags, to: &dumped)
        #expect(!dumped.contains("geheim") && !String(reflecting: flags).contains("geheim"))
        let secret = try #require(flags.secret("toy.url"))
        #expect(try secret.value == "geheim")
    }
}

@Suite struct GoFlagTests {
    @Test(arguments: [
        ["-redis.addr", "x"], ["--redis.addr", "x"], ["-redis.addr=x"], ["--redis.addr=x"],
        ["-redis.addr=y", "-redis.addr=x"],
    ])
    func oneDashOrTwoAndTheLastCounts(line: [String]) throws {
        #expect(try GoToy.parse(line).string("redis.addr") == "x")
    }

    @Test func valueMayBeginWithDash() throws {
        #expect(try GoToy.parse(["-redis.password", "-x"]).string("redis.password") == "-x")
    }

    @Test(arguments: ["1", "t", "T", "TRUE", "true", "True"])
    func goWordsAreTrue(word: String) throws {
        #expect(try GoToy.parse(["-debug=\(word)"]).bool("debug"))
    }

    @Test(arguments: ["0", "f", "F", "FALSE", "false", "False"])
    func goWordsAreFalse(word: String) throws {
        #expect(try !GoToy.parse(["-set-client-name=\(word)"]).bool("set-client-name"))
    }

    @Test func redisExporterNamesOfCommonFlagsWork() throws {
        let flags = try GoToy.parse(["-log-level", "WARN", "-log-format", "txt", "-web.listen-address", ":1"])
        #expect(flags.string("log.level") == "warn")
        #expect(flags.string("log.format") == "logfmt")
        #expect(flags.strings("web.listen-address") == [":1"])
        let environment = [
            "REDIS_EXPORTER_LOG_LEVEL": "ERROR", "REDIS_EXPORTER_LOG_FORMAT": "json", "REDIS_EXPORTER_DEBUG": "true",
            "REDIS_EXPORTER_WEB_LISTEN_ADDRESS": ":2", "REDIS_EXPORTER_WEB_TELEMETRY_PATH": "/m",
        ]
        let variables = try GoToy.parse([], environment: environment)
        #expect(variables.string("log.level") == "error")
        #expect(variables.string("log.format") == "json")
        #expect(variables.bool("debug"))
        #expect(variables.strings("web.listen-address") == [":2"])
        #expect(variables.string("web.telemetry-path") == "/m")
    }

    @Test func emptyVariableIsEmptyTextButNoNumber() throws {
        let environment = ["REDIS_ADDR": "", "REDIS_EXPORTER_BATCH_SIZE": "", "REDIS_EXPORTER_SET_CLIENT_NAME": ""]
        let flags = try GoToy.parse([], environment: environment)
        #expect(flags.string("redis.addr") == "")
        #expect(flags.isSet("redis.addr"))
        #expect(flags.int("batch-size") == 1000)
        #expect(flags.bool("set-client-name"))
    }

    @Test(arguments: [
        (
            ["-debug", "true"], [:],
            "unexpected argument after -debug; a value goes behind =, as in -debug=false"
        ),
        (["-redis.adr=x"], [:], "unknown flag -redis.adr (did you mean --redis.addr?); see --help"),
        (["-batch-size=0"], [:], "-batch-size: `0` is not a whole number from 1 to 10000; see --help"),
        (
            [], ["REDIS_EXPORTER_SET_CLIENT_NAME": "nope"],
            "REDIS_EXPORTER_SET_CLIENT_NAME: `nope` is not true or false; see --help"
        ),
        (
            [], ["REDIS_EXPORTER_CONNECTION_TIMEOUT": "15"],
            "REDIS_EXPORTER_CONNECTION_TIMEOUT: `15` is not a time such as 10s, 250ms or 1m30s; see --help"
        ),
    ])
    func mistakeIsNamedInOneLine(line: [String], environment: [String: String], expected: String) {
        #expect(throws: UsageError(expected)) { try GoToy.parse(line, environment: environment) }
    }
}

@Suite struct DurationTextTests {
    @Test(arguments: [
        ("250ms", Duration.milliseconds(250)), ("15s", .seconds(15)), ("1m30s", .seconds(90)), ("6h", .seconds(21_600)),
        ("1.5h", .seconds(5400)), ("0", .zero), ("0s", .zero), ("-1s", .seconds(-1)), ("+2us", .microseconds(2)),
        ("30d", .seconds(2_592_000)), ("1w", .seconds(604_800)), (".5s", .milliseconds(500)),
    ])
    func readsGoSyntax(text: String, expected: Duration) {
        #expect(DurationText.parse(text) == expected)
    }

    @Test(arguments: ["", "5", "s", ".s", "1", "1x", "1 s", "1m30", "--1s", "1s-", "99999999999h", "1e3s", "٣s"])
    func refusesWhatGoRefuses(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(arguments: [
        "0s", "250ms", "1.5ms", "10s", "1m30s", "1h", "1h0.25s", "90us", "7ns", "-1m", "720h", "1h1m1.5s",
    ])
    func printsWhatItReads(text: String) throws {
        #expect(DurationText.format(try #require(DurationText.parse(text))) == text)
    }
}
