internal import ExporterKit
internal import Logging
internal import UnixSignals

/// Serves an exporter until a signal ends it.
struct ExporterService: Sendable {
    let name: String
    let summary: String
    /// First words of metrics about the program itself.
    let metricNamespace: String
    let exporter: Exporter
    let context: ProgramContext
    let web: WebSettings

    /// Running scrapes may take this long to end; closing connections has the rest of the five seconds.
    private static let patience = Duration.seconds(3.5)
    private static let limit = Duration.seconds(5)

    private var sources: [any MetricSource] { exporter.sources + [context.registry] }

    /// Collects once.
    ///
    /// - Returns: text 0.0.4 of what could be had within the scrape timeout.
    func once() async -> String {
        let route = MetricsRoute(sources: sources, options: web.scrape)
        let deadline = Deadline.after(web.scrape.scrapeTimeout)
        await exporter.refresh?(deadline)
        let text = await route.render(.text004, until: deadline)
        await exporter.close?()
        return String(decoding: text, as: UTF8.self)
    }

    /// Listens, runs the background work, and shuts down in good order when SIGTERM or SIGINT comes. What the first scrape
    /// will ask is connected to meanwhile.
    ///
    /// - Returns: the exit status, 1 when a socket cannot be had.
    func serve() async -> Int32 {
        await withTaskGroup { early in
            if let connect = exporter.connect {
                early.addTask { await connect(.after(web.scrape.scrapeTimeout)) }
            }
            defer { early.cancelAll() }
            return await listen()
        }
    }

    private func listen() async -> Int32 {
        let logger = context.logger
        let reloader = exporter.reload.map { reload in
            Reloader(
                reload, ReloadMetrics(metricNamespace), hasStartedWell: exporter.hasStartedWell,
                registry: context.registry, logger: logger)
        }
        // Setting up signals takes some turns of other threads; meanwhile this one opens the sockets.
        async let trapped = UnixSignalsSequence(trapping: [.sigterm, .sigint] + (reloader == nil ? [] : [.sighup]))
        logger.info(
            "Starting \(name)",
            metadata: [
                "version": "\(FleetVersion.current)", "branch": "\(FleetVersion.branch)",
                "revision": "\(FleetVersion.revision)",
            ])
        let server = makeServer(reloader)
        do throws(MetricsServer.ListenError) {
            for address in try await server.start() {
                logger.info("Listening on", metadata: ["address": "\(address)"])
                tellTLS(address)
            }
        } catch {
            logger.error("\(error)")
            await exporter.close?()
            return 1
        }
        await run(server, reloader, until: await trapped)
        logger.info("Stopped \(name)")
        return 0
    }

    /// In the words of exporter-toolkit, which people search their logs for.
    private func tellTLS(_ address: ListenAddress) {
        let isOn = web.configuration?.isTLSEnabled ?? false
        let http2 = web.configuration?.isHTTP2Enabled ?? false
        context.logger.info(
            isOn ? "TLS is enabled." : "TLS is disabled.", metadata: ["http2": "\(http2)", "address": "\(address)"])
    }

    private func makeServer(_ reloader: Reloader?) -> MetricsServer {
        let page = LandingPage(
            name: name, summary: summary, version: FleetVersion.current, targets: exporter.targets)
        var configuration = MetricsServer.Configuration(listenAddresses: web.listenAddresses, page: page)
        configuration.sharesEventLoops = true
        configuration.usesSystemdSockets = web.usesSystemdSockets
        configuration.telemetryPath = web.telemetryPath
        configuration.scrape = web.scrape
        configuration.routes = exporter.routes
        configuration.healthStates = exporter.health
        configuration.anyMethod = exporter.anyMethod
        if let reloader { configuration.actions["/-/reload"] = { _ in await reloader.respond() } }
        if let security = web.configuration?.security(logger: context.logger) { configuration.security = security }
        return MetricsServer(configuration, sources: sources + [StartupPages()], logger: context.logger)
    }

    private func run(_ server: MetricsServer, _ reloader: Reloader?, until signals: UnixSignalsSequence) async {
        let (first, announce) = AsyncStream.makeStream(of: UnixSignal.self)
        await withTaskGroup { watchers in
            watchers.addTask { await watch(signals, reloader, announce) }
            await withTaskGroup { work in
                if let background = exporter.background { work.addTask { await background() } }
                for await signal in first {
                    context.logger.info("Shutting down", metadata: ["signal": "\(signal)"])
                }
                watchers.addTask { await endAfterLimit() }
                work.cancelAll()
                await server.shutdown(within: Self.patience)
            }
            await exporter.close?()
            watchers.cancelAll()
        }
    }

    /// Announces the first signal that ends the program; SIGHUP reloads. Somebody who signals twice does not want to wait.
    private func watch(
        _ signals: UnixSignalsSequence, _ reloader: Reloader?, _ announce: AsyncStream<UnixSignal>.Continuation
    ) async {
        var isEnding = false
        for await signal in signals {
            guard signal != .sighup else {
                await reloader?.reload()
                continue
            }
            guard isEnding else {
                isEnding = true
                announce.yield(signal)
                announce.finish()
                continue
            }
            context.logger.warning("Ended by a second signal", metadata: ["signal": "\(signal)"])
            _exit(128 + signal.rawValue)
        }
        announce.finish()
    }

    /// What does not end in time is left to the system: an orchestrator would kill the program next.
    private func endAfterLimit() async {
        do { try await Task.sleep(for: Self.limit) } catch { return }
        context.logger.warning("Not everything ended in time; leaving it to the system")
        _exit(0)
    }
}

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif
