internal import ExporterCommand
internal import ExporterKit
internal import RedisClient

/// Prometheus metrics of one Redis or Valkey server, under the names of redis_exporter.
@main
struct RedisExporter: ExporterProgram {
    static let name = "redis-exporter"
    static let summary = "Exports metrics of a Redis or Valkey server to Prometheus."
    static let defaultListenAddress = ":9121"
    static let environmentPrefix = "REDIS_EXPORTER"
    static let flagStyle = FlagStyle.goFlag
    static let flags = ConnectionFlags.all + MetricFlags.all + KeyFlags.all
    static var collectors: [CollectorListing] { Collectors.all().map { CollectorListing($0) } }
    static var selfMetrics: [MetricDescriptor] { ExporterMetrics("redis").all + ProcessMetrics.descriptors }

    static func make(_ flags: FlagValues, _ context: ProgramContext) throws -> Exporter {
        let redis = try ConnectionFlags.options(flags)
        var options = try MetricFlags.options(flags)
        options.keys = try KeyFlags.options(flags)
        let timeout = flags.duration("connection-timeout")
        let scanner = KeyScanner(redis, options, timeout: timeout)
        let namespace = options.namespace
        let provider = RedisSessionProvider(
            RedisConnection(redis), timeout: timeout, pings: flags.bool("ping-on-connect"), keys: scanner)
        let metrics = ExporterMetrics(namespace)
        let log = TroubleLog(context.logger, target: "\(redis)")
        let runner = ScrapeRunner(
            namespace: namespace, provider: provider,
            collectors: Collectors.all(options).filter { context.enabledCollectors.contains($0.descriptor.name) },
            log: { log.note($0) },
            report: { metrics.report($0, provider.times, into: &$1) })
        var sources: [any MetricSource] = [runner]
        if flags.bool("append-instance-role-label") {
            sources = [RoleLabel(runner, provider, namespace: namespace)]
        }
        if !flags.bool("redis-only-metrics") { sources += [buildInfo(namespace), ProcessMetrics()] }
        return Exporter(
            sources: sources, targets: ["\(redis)"], background: { await scanner?.run() },
            refresh: { await scanner?.refresh(until: $0) },
            close: {
                await provider.close()
                await scanner?.close()
            })
    }

    /// redis_exporter's labels; `golang_version` names the toolchain.
    private static func buildInfo(_ namespace: String) -> BuildInfo {
        let labels = LabelSet([
            "version": FleetVersion.current, "commit_sha": FleetVersion.revision, "build_date": "unknown",
            "golang_version": "swift \(FleetVersion.swift)",
        ])
        return BuildInfo(program: "\(namespace)_exporter", labels: labels)
    }
}
