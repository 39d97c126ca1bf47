internal import ExporterKit

/// Appends `instance_role` to the series of a server, but not to those about the exporter's way there.
struct RoleLabel: MetricSource {
    let source: any MetricSource
    let provider: RedisSessionProvider
    /// Names that stay as they are.
    let exempt: Set<String>

    /// - Parameter namespace: first word of the metrics.
    init(_ source: any MetricSource, _ provider: RedisSessionProvider, namespace: String) {
        self.source = source
        self.provider = provider
        exempt = Set(
            ["last_scrape_connect_time_seconds", "last_scrape_ping_time_seconds", "scrapes_total", "build_info"]
                .map { "\(namespace)_exporter_\($0)" })
    }

    var collectors: [CollectorStatus] { source.collectors }
    var runsOnEventLoop: Bool { source.runsOnEventLoop }

    func families(for request: ScrapeRequest) async -> [MetricFamily] {
        let families = await source.families(for: request)
        let role = provider.role
        guard !role.isEmpty else { return families }
        return families.map { family in
            guard !exempt.contains(family.descriptor.name) else { return family }
            return MetricFamily(
                family.descriptor,
                family.samples.map { Sample($0.value, $0.labels.adding("instance_role", role) ?? $0.labels) })
        }
    }
}
