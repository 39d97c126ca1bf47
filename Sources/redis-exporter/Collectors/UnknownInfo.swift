internal import ExporterKit

/// Numeric fields of `INFO` that no other collector knows, as `<namespace>_info_<section>_<field>`: what a newer server says
/// is there without a newer exporter.
struct UnknownInfoCollector: InfoCollector {
    typealias Session = RedisSession

    static let name = "unknown_info"
    let descriptor = CollectorDescriptor(
        name, "Numeric fields of INFO that no other collector knows.", enabledByDefault: false)
    private let namespace: String
    private let known: Set<Substring>

    /// - Parameter collectors: all others; what they read is known.
    init(_ namespace: String, besides collectors: [any Collector<RedisSession>]) {
        self.namespace = namespace
        let fields = collectors.compactMap { $0 as? any InfoCollector }.flatMap(\.infoFields)
        known = Set(fields.map { $0[...] }).union(Self.readElsewhere)
    }

    /// Names come from the server.
    var metrics: [MetricDescriptor] { [] }

    func decode(_ info: InfoDocument, into sink: inout MetricSink) {
        for section in info.sectionNames where !Self.otherSections.contains(section) {
            for entry in info.entries(in: String(section)) {
                guard !known.contains(entry.name), !Self.isIdentity(entry.name), !Self.isRecord(entry.name),
                    let number = InfoNumber(entry.value)?.value
                else { continue }
                let name = "\(namespace)_info_\(section.lowercased())_\(entry.name)"
                let descriptor = MetricDescriptor(
                    MetricNames.sanitized(name), "Field \(entry.name) of INFO section \(section).", kind: .unknown)
                sink.add(descriptor, number)
            }
        }
    }

    /// Their lines are records or told elsewhere.
    private static let otherSections: Set<Substring> = [
        "Commandstats", "Errorstats", "Latencystats", "Keysizes", "Keyspace", "Cluster Info", "Modules", "Threads",
    ]

    /// Read by name somewhere, or a number that says nothing.
    private static let readElsewhere: Set<Substring> = [
        "arch_bits", "availability_zone", "lru_clock", "master_host", "master_port", "monotonic_clock",
        "server_time_usec",
        "slave_read_only", "tcp_port", "total_system_memory", "uptime_in_days", "cluster_enabled", "redis_git_dirty",
        "slave_repl_offset",
        "master_last_io_seconds_ago", "master_sync_in_progress",
    ]

    /// Looks like a number now and then, and is a name.
    private static func isIdentity(_ field: Substring) -> Bool {
        ["_version", "_sha1", "_build_id", "_id", "_human", "replid", "replid2", "_serial"].contains {
            field.hasSuffix($0)
        }
    }

    /// `slave0`, `master_1_host`, `used_active_time_io_thread_1`, `master_link_status` …
    private static func isRecord(_ field: Substring) -> Bool {
        let prefixes = ["used_active_time_io_thread_", "engine_", "listener", "master_1", "cluster_"]
        return prefixes.contains { field.hasPrefix($0) } || (field.hasPrefix("thread_") && field.hasSuffix("_clients"))
    }
}
