internal import ExporterKit

/// The flags that every exporter has, under the names of the official ones.
/// Source: https://github.com/prometheus/exporter-toolkit
enum CommonFlags {
    static let webGroup = "Web"
    static let logGroup = "Log"
    static let collectorGroup = "Collectors"
    static let actionGroup = "Do one thing and exit"

    /// Every flag of a program in the order of `--help`: its own first, its actions with the common ones.
    static func all<Program: ExporterProgram>(of program: Program.Type) -> FlagSet {
        let prefix = Program.environmentPrefix
        let common =
            web(prefix, listenAddress: Program.defaultListenAddress) + log(prefix, style: Program.flagStyle)
            + collectors(Program.collectors) + actions
        let own = Program.flags.filter { $0.group != actionGroup }
        let ownActions = Program.flags.filter { $0.group == actionGroup }
        return FlagSet(own + common + ownActions, style: Program.flagStyle)
    }

    /// The flags of a command: the program's own, the command's, those of the log.
    static func all<Program: ExporterProgram>(of program: Program.Type, command: ProgramCommand) -> FlagSet {
        let own = Program.flags.filter { $0.group != actionGroup }
        let log = log(Program.environmentPrefix, style: Program.flagStyle)
        return FlagSet(
            command.flags + own + log + [action("help", aliases: ["h"], "Print this and exit; also -h.")],
            style: Program.flagStyle)
    }

    private static func web(_ prefix: String, listenAddress: String) -> [Flag] {
        [
            .strings(
                "web.listen-address", default: [listenAddress], environment: "\(prefix)_WEB_LISTEN_ADDRESS",
                group: webGroup,
                help: "Address to listen on, as :PORT, HOST:PORT, [IPV6]:PORT or vsock://:PORT. Repeatable."),
            .bool(
                "web.systemd-socket", environment: "\(prefix)_WEB_SYSTEMD_SOCKET", group: webGroup,
                help: "Listen on the sockets that systemd passes, not on --web.listen-address."),
            .string(
                "web.config.file", environment: "\(prefix)_WEB_CONFIG_FILE", group: webGroup,
                help: "File with TLS, logins, headers and a rate limit, as exporter-toolkit has it."),
            .string(
                "web.telemetry-path", default: "/metrics", environment: "\(prefix)_WEB_TELEMETRY_PATH", group: webGroup,
                help: "Path of the metrics."),
            .int(
                "web.max-requests", default: 40, environment: "\(prefix)_WEB_MAX_REQUESTS", group: webGroup,
                help: "Different scrapes at once; more are answered with 503. 0 is no limit."),
            .duration(
                "web.scrape-timeout", default: .seconds(60), minimum: .milliseconds(1),
                environment: "\(prefix)_WEB_SCRAPE_TIMEOUT", group: webGroup,
                help: "Longest time a scrape may take. The timeout that Prometheus sends along can only shorten it."),
            .duration(
                "web.timeout-offset", default: .milliseconds(250), environment: "\(prefix)_WEB_TIMEOUT_OFFSET",
                group: webGroup,
                help: "Taken off the timeout that Prometheus sends along, so that the answer is there in time."),
        ]
    }

    /// redis_exporter's own names of these flags come with Go's style.
    private static func log(_ prefix: String, style: FlagStyle) -> [Flag] {
        let isGo = style == .goFlag
        var flags: [Flag] = [
            .choice(
                "log.level", of: ["debug", "info", "warn", "error"], synonyms: ["warning": "warn"], default: "info",
                aliases: isGo ? ["log-level"] : [], environment: "\(prefix)_LOG_LEVEL", group: logGroup,
                help: "Least important lines to write."),
            .choice(
                "log.format", of: ["logfmt", "json"], synonyms: isGo ? ["txt": "logfmt"] : [:], default: "logfmt",
                aliases: isGo ? ["log-format"] : [], environment: "\(prefix)_LOG_FORMAT", group: logGroup,
                help: "How a line is written to standard error."),
        ]
        if isGo {
            flags.append(
                .bool(
                    "debug", environment: "\(prefix)_DEBUG", group: logGroup,
                    help: "Same as --log.level=debug, and wins over it."))
        }
        return flags
    }

    private static func collectors(_ listings: [CollectorListing]) -> [Flag] {
        guard !listings.isEmpty else { return [] }
        let each = listings.map { listing in
            Flag.bool(
                "collector.\(listing.descriptor.name)", default: listing.descriptor.enabledByDefault,
                group: collectorGroup, help: listing.descriptor.summary)
        }
        let help = "Run only the collectors that are asked for by their own flag."
        return each + [Flag("collector.disable-defaults", .action, [], [], collectorGroup, false, help)]
    }

    private static var actions: [Flag] {
        let formats = Flag.Choice(words: ["markdown", "json"], synonyms: [:])
        return [
            action("once", "Collect once, print the metrics and exit."),
            action(
                "check-config", "Check flags, environment and files without contacting a server, print ok and exit."),
            Flag(
                "list-metrics", .optionalChoice(formats, bare: "markdown"), [], [], actionGroup, false,
                "Print every metric the program can give, and exit."),
            action("version", "Print the version and exit."),
            action("help", aliases: ["h", "help-long", "help-man"], "Print this and exit; also -h."),
        ]
    }

    private static func action(_ name: String, aliases: [String] = [], _ help: String) -> Flag {
        Flag(name, .action, aliases, [], actionGroup, false, help)
    }
}
