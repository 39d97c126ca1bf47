internal import CurlClient
internal import ExporterCommand
internal import ExporterKit
internal import Logging
internal import Synchronization

/// `/probe?target=…&module=…` and `/config`, as blackbox_exporter answers them.
final class BlackboxRoute: Sendable {
    private let file: String
    private let allowed: AllowedTargets
    private let offset: Duration
    private let logger: Logger
    private let client: CurlClient
    private let unknown: Counter
    private let configuration: Mutex<BlackboxConfiguration>

    /// What the route counts.
    static let unknownModules = MetricDescriptor(
        "blackbox_module_unknown_total", "Requests to /probe for a module that the file does not have.", kind: .counter)
    /// Time that a probe has without a scraper's timeout.
    private static let longest = 120.0
    private static let timeoutHeader = "X-Prometheus-Scrape-Timeout-Seconds"

    /// Heading of its flags.
    static let flagGroup = "Multi-target /probe"

    /// `nil` when no modules are given: then there is no /probe.
    static func make(_ flags: FlagValues, _ context: ProgramContext) throws(ConfigurationError) -> BlackboxRoute? {
        let file = flags.string("blackbox.config.file")
        guard !file.isEmpty else { return nil }
        return try BlackboxRoute(
            file: file, allowed: AllowedTargets(flags.list("probe.allowed-targets")),
            offset: flags.duration("web.timeout-offset"), registry: context.registry, logger: context.logger)
    }

    /// - Parameters:
    ///   - file: modules as blackbox_exporter has them.
    ///   - allowed: hosts that may be probed.
    ///   - offset: taken off the scraper's timeout, so that the answer is there before it hangs up.
    init(
        file: String, allowed: AllowedTargets, offset: Duration, registry: Registry, logger: Logger
    ) throws(ConfigurationError) {
        self.file = file
        self.allowed = allowed
        self.offset = offset
        self.logger = logger
        var options = CurlOptions()
        options.userAgent = "app-exporter/\(FleetVersion.current)"
        options.maximumConnections = 256
        options.usesProxyFromEnvironment = false
        client = CurlClient(options)
        unknown = registry.counter(Self.unknownModules.name, Self.unknownModules.help)
        let read = try BlackboxConfiguration.read(YAMLDocument(file: file))
        configuration = Mutex(read)
        tellRefusals(read)
        if allowed.isEmpty {
            logger.warning(
                "Everybody who reaches /probe can make this host connect anywhere; say where with --probe.allowed-targets"
            )
        }
    }

    /// Reads the file again.
    ///
    /// - Returns: what puts it in force, for a caller that has other files to read before.
    func reloaded() throws(ConfigurationError) -> @Sendable () -> Void {
        let read = try BlackboxConfiguration.read(YAMLDocument(file: file))
        return { [self] in
            tellRefusals(read)
            configuration.withLock { $0 = read }
        }
    }

    /// Releases connections.
    func close() async { await client.close() }

    /// Its paths.
    var routes: [String: @Sendable (HTTPRequest) async -> HTTPResponse] {
        ["/probe": { await self.probe($0) }, "/config": { _ in self.shown() }]
    }

    private func tellRefusals(_ configuration: BlackboxConfiguration) {
        for module in configuration.modules {
            for refusal in module.refusals {
                logger.warning(
                    "A module cannot be used here", metadata: ["module": "\(module.name)", "reason": "\(refusal)"])
            }
        }
    }

    // MARK: - Answers

    private func shown() -> HTTPResponse {
        .text(200, BlackboxText.of(configuration.withLock { $0 }))
    }

    /// 400 for a request that cannot be understood, 403 for a server that may not be asked, else 200, also for a target
    /// that is down.
    private func probe(_ request: HTTPRequest) async -> HTTPResponse {
        let name = request.parameters("module").first.flatMap { $0.isEmpty ? nil : $0 } ?? "http_2xx"
        let configuration = configuration.withLock { $0 }
        guard let module = configuration[name] else {
            unknown.increment()
            let hint = Nearest.hint(name, among: configuration.modules.map(\.name))
            return .text(400, "Unknown module \"\(Shown.clipped(name))\"\(hint)")
        }
        guard let timeout = timeout(of: request, module) else {
            return .text(500, "Failed to parse timeout from Prometheus header: \(Self.timeoutHeader) must be seconds")
        }
        guard let target = request.parameters("target").first, !target.isEmpty else {
            return .text(400, "Target parameter is missing")
        }
        guard module.refusals.isEmpty else {
            let reasons = module.refusals.map { "\($0)" }.joined(separator: "\n")
            return .text(400, "The module \(Shown.clipped(name)) cannot be used here:\n\(reasons)")
        }
        let probe: BlackboxProbe
        do throws(BlackboxTrouble) {
            probe = try BlackboxProbe(module, target: target, hostName: hostName(request))
        } catch {
            return .text(400, error.text)
        }
        guard allowed.allows(host: probe.endpoint.host, port: probe.endpoint.port) else {
            logger.warning(
                "A target outside of the allowed ones was asked for",
                metadata: ["target": "\(probe.endpoint)", "module": "\(name)"])
            return .text(403, "target \(probe.endpoint) is not among the allowed targets")
        }
        return await answer(request, probe, timeout: timeout)
    }

    private func hostName(_ request: HTTPRequest) -> String? {
        request.parameters("hostname").first.flatMap { $0.isEmpty ? nil : $0 }
    }

    private func answer(_ request: HTTPRequest, _ probe: BlackboxProbe, timeout: Duration) async -> HTTPResponse {
        let allowed = allowed
        var mayFollow: (@Sendable (HTTPTarget) -> Bool)?
        if !allowed.isEmpty { mayFollow = { allowed.allows(host: $0.host, port: $0.port) } }
        var result = await probe.run(client, until: .now.advanced(by: timeout), mayFollow: mayFollow)
        result.add(BlackboxMetrics.timeout, timeout.seconds)
        if let error = result.verdict.error {
            logger.debug(
                "A probe failed", metadata: ["module": "\(probe.module.name)", "error": "\(error.message)"])
        }
        var sink = MetricSink()
        result.write([], into: &sink)
        if !result.heard.isEmpty { BlackboxMetrics.tell(result.heard, into: &sink) }
        guard request.parameters("debug").first == "true" else {
            let format = ExpositionFormat.negotiated(accept: request.header("Accept"))
            return HTTPResponse(
                status: 200, headers: [("Content-Type", format.contentType)], body: format.encode(sink.families))
        }
        let metrics = String(decoding: ExpositionFormat.text004.encode(sink.families), as: UTF8.self)
        return .text(200, debug(probe, result.verdict, timeout, metrics))
    }

    private func debug(_ probe: BlackboxProbe, _ verdict: Verdict, _ timeout: Duration, _ metrics: String) -> String {
        let end = verdict.error.map { "Probe failed: \($0.message)" } ?? "Probe succeeded"
        return """
            Logs for the probe:
            Probing \(probe.endpoint) by module \(probe.module.name), timeout \(DurationText.format(timeout))
            \(end)



            Metrics that would have been returned:
            \(metrics)


            Module configuration:
            \(BlackboxText.of(probe.module))
            """
    }

    /// The module's own timeout, or what the scraper leaves, whichever is shorter; `nil` when the header is no number.
    private func timeout(of request: HTTPRequest, _ module: BlackboxModule) -> Duration? {
        var seconds = Self.longest
        if let text = request.header(Self.timeoutHeader), !text.isEmpty {
            guard let given = Double(text), given.isFinite, given >= 0 else { return nil }
            if given > 0 { seconds = min(given, 86_400) }
        }
        let whole = Duration.seconds(seconds)
        let limit = whole > offset ? whole - offset : whole / 2
        return min(module.timeout ?? limit, limit)
    }
}
