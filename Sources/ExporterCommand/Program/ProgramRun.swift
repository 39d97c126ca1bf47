internal import ExporterKit
internal import Logging

/// One run of a program, from its arguments to its exit status.
struct ProgramRun<Program: ExporterProgram> {
    let arguments: [String]
    let environment: [String: String]
    /// Where results go.
    var output: @Sendable (String) -> Void = { StandardStream.output.write($0) }
    /// Where errors and the log go.
    var errors: @Sendable (String) -> Void = { StandardStream.error.write($0) }
    /// Whether results go to a terminal.
    var isTerminal = StandardStream.output.isTerminal

    private var set: FlagSet { CommonFlags.all(of: Program.self) }

    /// - Returns: the exit status.
    func run() async -> Int32 {
        if let word = arguments.first, !Program.commands.isEmpty, !word.hasPrefix("-"), !word.hasPrefix("@") {
            return await command(word)
        }
        do {
            if asksForHelp {
                output(HelpText.render(name: Program.name, summary: Program.summary, set, Program.commands))
                return 0
            }
            return try await act(on: try set.parse(arguments, environment: environment))
        } catch let error as UsageError {
            complain("\(error)")
            return 2
        } catch {
            complain("\(error)")
            return 1
        }
    }

    /// Help is given whatever else is wrong with the line.
    private var asksForHelp: Bool {
        let words =
            ["--help", "--help-long", "--help-man", "-h"] + (Program.flagStyle == .goFlag ? ["-help", "--h"] : [])
        return arguments.prefix { $0 != "--" }.contains { words.contains($0) }
    }

    private func act(on flags: FlagValues) async throws -> Int32 {
        if flags.bool("version") {
            output(FleetVersion.text(for: Program.name))
            return 0
        }
        if flags.isSet("list-metrics") {
            let listing = MetricListing(Program.self, configured: try Program.configuredMetrics(flags))
            output(listing.text(as: flags.string("list-metrics")))
            return 0
        }
        let web = try WebSettings(flags, try Program.webOverrides(flags))
        let logger = logger(flags)
        let context = ProgramContext(
            logger: logger, enabledCollectors: Program.enabledCollectors(flags), environment: environment,
            registry: Registry(options: .logging(to: logger)))
        let exporter = try Program.make(flags, context)
        let service = ExporterService(
            name: Program.name, summary: Program.summary, metricNamespace: Program.metricNamespace, exporter: exporter,
            context: context, web: web)
        if flags.bool("check-config") {
            await exporter.close?()
            output("ok\n")
            return 0
        }
        if let action = exporter.actions.first(where: { flags.bool($0.key) })?.value {
            return try await perform(action, exporter, until: .after(web.scrape.scrapeTimeout))
        }
        if flags.bool("once") {
            output(await service.once())
            return 0
        }
        return await service.serve()
    }

    private func perform(
        _ action: Exporter.Action, _ exporter: Exporter, until deadline: Deadline
    ) async throws -> Int32 {
        let text: Result<String, any Error>
        do { text = .success(try await action(deadline)) } catch { text = .failure(error) }
        await exporter.close?()
        output(try text.get())
        return 0
    }

    func logger(_ flags: FlagValues) -> Logger {
        let isDebug = Program.flagStyle == .goFlag && flags.bool("debug")
        let level: Logger.Level = isDebug ? .debug : Logger.Level(word: flags.string("log.level"))
        let format = LogFormat(rawValue: flags.string("log.format")) ?? .logfmt
        let write = errors
        return Logger(label: Program.name) { _ in StandardErrorLog(level: level, format: format, write: write) }
    }

    /// One line, whatever the error's text is.
    func complain(_ text: String) {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        errors("\(Program.name): \(line)\n")
    }
}

/// The common flags about the web, checked.
struct WebSettings: Sendable {
    let listenAddresses: [ListenAddress]
    let usesSystemdSockets: Bool
    let telemetryPath: String
    let scrape: MetricsRoute.Options
    /// `nil` for plain HTTP that lets everybody in.
    let configuration: WebConfiguration?

    /// - Throws: `UsageError` for a flag, `ConfigurationError` for what the file of the web configuration says.
    init(_ flags: FlagValues, _ overrides: WebOverrides) throws {
        var addresses: [ListenAddress] = []
        for text in flags.strings("web.listen-address") {
            guard let address = ListenAddress(text) else {
                let origin = flags.origin("web.listen-address")
                throw UsageError(
                    "\(origin): `\(Shown.clipped(text))` is not :PORT, HOST:PORT, [IPV6]:PORT or vsock://:PORT; see --help"
                )
            }
            addresses.append(address)
        }
        listenAddresses = addresses
        usesSystemdSockets = flags.bool("web.systemd-socket")
        telemetryPath = flags.string("web.telemetry-path")
        guard telemetryPath.hasPrefix("/"), !telemetryPath.contains(where: { $0 == "?" || $0 == "#" || $0 == " " })
        else {
            let origin = flags.origin("web.telemetry-path")
            throw UsageError("\(origin): `\(Shown.clipped(telemetryPath))` is not a path such as /metrics; see --help")
        }
        scrape = MetricsRoute.Options(
            scrapeTimeout: flags.duration("web.scrape-timeout"), timeoutOffset: flags.duration("web.timeout-offset"),
            maxRequests: flags.int("web.max-requests"))
        let file = flags.string("web.config.file")
        configuration =
            file.isEmpty && overrides.isEmpty ? nil : try WebConfiguration(WebSource(file, overrides))
    }
}
