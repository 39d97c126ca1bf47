import Foundation
import TestSupport
import Testing

@testable import ExporterCommand

@Suite struct ProgramRunTests {
    @Test func wrongFlagIsOneLineAndTwo() async {
        let printed = await run(Toy.self, "--colector.wal")
        #expect(printed.status == 2)
        #expect(printed.output == "")
        #expect(
            printed.errors
                == "toy-exporter: unknown flag --colector.wal (did you mean --collector.wal?); see --help\n")
    }

    @Test(arguments: [
        (
            "--web.listen-address=9187",
            "--web.listen-address: `9187` is not :PORT, HOST:PORT, [IPV6]:PORT or vsock://:PORT; see --help"
        ),
        ("--web.telemetry-path=metrics", "--web.telemetry-path: `metrics` is not a path such as /metrics; see --help"),
    ])
    func webFlagsAreCheckedBeforeAnythingStarts(argument: String, expected: String) async {
        let printed = await run(Toy.self, argument)
        #expect(printed.status == 2)
        #expect(printed.errors == "toy-exporter: \(expected)\n")
    }

    @Test func badFileIsOneLineAndOne() async {
        let printed = await run(Toy.self, "--check-config", "--config.file=/nowhere/toy.yaml")
        #expect(printed.status == 1)
        #expect(
            printed.errors == """
                toy-exporter: /nowhere/toy.yaml: cannot read the file: No such file or directory; \
                check the path and its permissions

                """)
    }

    @Test func checkConfigSaysOk() async {
        let printed = await run(Toy.self, "--check-config")
        #expect(printed.status == 0 && printed.output == "ok\n" && printed.errors == "")
    }

    @Test func oncePrintsMetrics() async {
        let printed = await run(Toy.self, "--once")
        #expect(printed.status == 0)
        #expect(printed.output.contains("# TYPE toy_made_total counter\ntoy_made_total 1\n"))
        #expect(printed.output.contains("\ntoy_refreshed_total 1\n"))
    }

    @Test func programsOwnActionPrintsAndExits() async {
        let printed = await run(Toy.self, "--count-toys")
        #expect(printed.status == 0 && printed.output == "3 toys\n" && printed.errors == "")
    }

    @Test func failedActionIsOneLineAndOne() async {
        let printed = await run(Toy.self, "--count-toys", "--toy.color=blue")
        #expect(printed.status == 1 && printed.output == "")
        #expect(printed.errors == "toy-exporter: toys: no toys of this color\n")
    }

    @Test func versionHasTheUsualShape() async {
        let printed = await run(Toy.self, "--version")
        #expect(printed.status == 0)
        #expect(printed.output.hasPrefix("toy-exporter, version \(FleetVersion.current) (branch: "))
        #expect(printed.output.contains("\n  swift version:    6."))
    }

    @Test func logFollowsItsFlags() async throws {
        let silent = await run(Toy.self, "--check-config")
        #expect(silent.errors == "")
        let printed = await run(Toy.self, "--check-config", "--log.level=debug", "--log.format=json")
        let line = try JSONSerialization.jsonObject(with: Data(printed.errors.utf8)) as? [String: Any]
        #expect(line?["level"] as? String == "debug")
        #expect(line?["msg"] as? String == "made")
    }

    @Test func portInUseIsOneLineAndOne() async throws {
        let listener = try LoopbackServer { $0.waitForHangUp() }
        let printed = await run(Toy.self, "--web.listen-address=127.0.0.1:\(listener.port)", "--log.level=error")
        #expect(printed.status == 1)
        #expect(printed.errors.split(separator: "\n").count == 1)
        #expect(printed.errors.contains("level=error msg=\"cannot listen on 127.0.0.1:\(listener.port): "))
    }

    @Test func systemdSocketThatIsMissingIsOneLineAndOne() async {
        let printed = await run(Toy.self, "--web.systemd-socket", "--log.level=error")
        #expect(printed.status == 1)
        #expect(printed.errors.split(separator: "\n").count == 1)
        #expect(printed.errors.contains("level=error msg=\"no socket activation file descriptors found; "))
    }

    @Test func metricsAreListedAsMarkdownAndJSON() async throws {
        let markdown = await run(Toy.self, "--list-metrics").output
        #expect(markdown.hasPrefix("# Metrics of toy-exporter\n\n## wal\n\nSize of the wall. On unless"))
        #expect(markdown.contains("| `toy_wal_bytes` | gauge | Size \\| of it. |\n"))
        let json = await run(Toy.self, "--list-metrics=json").output
        #expect(json == (await run(Toy.self, "--list-metrics", "json").output))
        let root = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        let collectors = try #require(root?["collectors"] as? [[String: Any]])
        #expect(collectors.map { $0["collector"] as? String } == ["wal", "locks"])
        let metrics = try #require(collectors[1]["metrics"] as? [[String: Any]])
        #expect(metrics[0]["help"] as? String == "Locks \"so far\".")
    }

    @Test(arguments: ["--help", "-h", "--help-long"])
    func helpIsGivenWhateverElseIsWrong(word: String) async {
        let printed = await run(Toy.self, "--nonsense", word)
        #expect(printed.status == 0)
        #expect(printed.output == Self.help)
    }

    @Test func helpKeepsToItsWidth() {
        #expect(Self.help.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }

    private static let help = """
        Usage: toy-exporter [flags]

        Exports the state of toys.

        Flags of toy-exporter:
          --toy.url=TEXT                  Where the toys are. (default toy://localhost; $TOY_URL)
          --config.file=TEXT              A file that is read at start.
          --toy.label=TEXT                Label of every toy. Repeatable. ($TOY_LABELS)
          --toy.color=WORD                Color of the toys. (red, blue; default red)
          --toy.age=TIME                  Oldest toy that still counts. (default 1m30s)
          --[no-]toy.strict               Refuses broken toys. (default on; $TOY_STRICT)

        Web:
          --web.listen-address=TEXT       Address to listen on, as :PORT, HOST:PORT, [IPV6]:PORT or
                                          vsock://:PORT. Repeatable. (default :9999;
                                          $TOY_EXPORTER_WEB_LISTEN_ADDRESS)
          --[no-]web.systemd-socket       Listen on the sockets that systemd passes, not on
                                          --web.listen-address. (default off;
                                          $TOY_EXPORTER_WEB_SYSTEMD_SOCKET)
          --web.config.file=TEXT          File with TLS, logins, headers and a rate limit, as
                                          exporter-toolkit has it. ($TOY_EXPORTER_WEB_CONFIG_FILE)
          --web.telemetry-path=TEXT       Path of the metrics. (default /metrics;
                                          $TOY_EXPORTER_WEB_TELEMETRY_PATH)
          --web.max-requests=N            Different scrapes at once; more are answered with 503. 0 is no
                                          limit. (default 40; $TOY_EXPORTER_WEB_MAX_REQUESTS)
          --web.scrape-timeout=TIME       Longest time a scrape may take. The timeout that Prometheus sends
                                          along can only shorten it. (default 1m;
                                          $TOY_EXPORTER_WEB_SCRAPE_TIMEOUT)
          --web.timeout-offset=TIME       Taken off the timeout that Prometheus sends along, so that the
                                          answer is there in time. (default 250ms;
                                          $TOY_EXPORTER_WEB_TIMEOUT_OFFSET)

        Log:
          --log.level=WORD                Least important lines to write. (debug, info, warn, error; default
                                          info; $TOY_EXPORTER_LOG_LEVEL)
          --log.format=WORD               How a line is written to standard error. (logfmt, json; default
                                          logfmt; $TOY_EXPORTER_LOG_FORMAT)

        Collectors:
          --[no-]collector.wal            Size of the wall. (default on)
          --[no-]collector.locks          Locks of the toy box. (default off)
          --collector.disable-defaults    Run only the collectors that are asked for by their own flag.

        Do one thing and exit:
          --once                          Collect once, print the metrics and exit.
          --check-config                  Check flags, environment and files without contacting a server,
                                          print ok and exit.
          --list-metrics[=markdown|json]  Print every metric the program can give, and exit. (default
                                          markdown)
          --version                       Print the version and exit.
          --help                          Print this and exit; also -h.
          --count-toys                    Print how many toys there are, and exit.

        A flag is given as --flag=value or --flag value and wins over its variable; @file reads flags from a
        file.

        """
}
