internal import ExporterKit

/// Section `Replication`: the server as a primary, as a replica, and each of its replicas.
/// Source: https://redis.io/docs/latest/commands/info/#replication
struct ReplicationCollector: InfoCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor(
        "replication", "Primary, replicas, offsets and backlog, from INFO section Replication.")
    private let fields: InfoFields
    private let replicas: InfoRecords
    private let primary: PrimaryMetrics
    private let behind: MetricDescriptor
    private let failover: MetricDescriptor

    init(_ namespace: String) {
        fields = InfoFields(namespace, Self.rows + Self.addedRows)
        replicas = InfoRecords(namespace, labels: Self.replicaLabels, Self.replicaRows)
        primary = PrimaryMetrics(namespace)
        behind = MetricDescriptor(
            "\(namespace)_connected_slave_lag_bytes",
            "Bytes of this server's stream that the replica has not acknowledged yet.", kind: .gauge, unit: "bytes")
        failover = MetricDescriptor(
            "\(namespace)_master_failover_state", "Whether a FAILOVER that this server was told to do is under way.",
            kind: .stateset)
    }

    var metrics: [MetricDescriptor] {
        fields.descriptors + replicas.descriptors + primary.descriptors + [behind, failover]
    }
    var infoFields: [String] { fields.names }

    func decode(_ info: InfoDocument, into sink: inout MetricSink) {
        fields.read(info, into: &sink)
        let records = Self.replicaRecords(info)
        replicas.read(records, into: &sink)
        addLag(of: records, info, into: &sink)
        primary.read(info, into: &sink)
        if let state = info.text("master_failover_state") {
            failover.addStates(Self.failoverStates, current: String(state), [], into: &sink)
        }
    }

    /// Both offsets come from one `INFO`, so they belong together.
    private func addLag(
        of replicas: [(labels: [String], record: InfoRecord)], _ info: InfoDocument, into sink: inout MetricSink
    ) {
        guard let own = info.number("master_repl_offset"), let template = LabelTemplate(Self.replicaLabels) else {
            return
        }
        for (labels, record) in replicas {
            sink.add(behind, record.number("offset").map { max(0, own - $0) }, template.labels(labels))
        }
    }

    private static let replicaLabels = ["slave_ip", "slave_port", "slave_state"]
    private static let failoverStates = ["no-failover", "failover-in-progress", "waiting-for-sync"]

    /// `slave0:ip=…,port=…,state=online,offset=…,lag=…`; other fields begin with `slave` too.
    private static func replicaRecords(_ info: InfoDocument) -> [(labels: [String], record: InfoRecord)] {
        info.entries(prefix: "slave").filter { UInt($0.name.dropFirst(5)) != nil }.map { entry in
            let record = InfoRecord(entry.value)
            return (["ip", "port", "state"].map { String(record.text($0) ?? "") }, record)
        }
    }

    private static let rows: [MetricRow] = [
        .gauge("connected_slaves", "Replicas connected to this server."),
        .gauge("master_repl_offset", "Offset of this server in its replication stream, in bytes."),
        .gauge("second_repl_offset", "Offset up to which the stream of the former primary is accepted; -1 for none."),
        .gauge("repl_backlog_active", as: "repl_backlog_is_active", "Whether there is a replication backlog."),
        .gauge(
            "repl_backlog_size", as: "replication_backlog_bytes", "Configured size of the replication backlog in bytes."
        ),
        .gauge("repl_backlog_first_byte_offset", "Offset of the oldest byte in the replication backlog."),
        .gauge("repl_backlog_histlen", as: "repl_backlog_history_bytes", "Bytes in the replication backlog."),
        .gauge("slave_priority", "Priority of this replica when a new primary is chosen; 0 is never chosen."),
        .gauge("replicas_waiting_psync", "Replicas that wait for a partial resynchronisation after a full one."),
        .gauge(
            "replicas_repl_buffer_size", as: "replicas_repl_buffer_size_bytes",
            "Bytes this replica holds back while it loads the data of its primary."),
        .gauge(
            "replicas_repl_buffer_peak", as: "replicas_repl_buffer_peak_bytes",
            "Most bytes this replica ever held back while it loaded the data of its primary."),
    ]

    private static let addedRows: [MetricRow] = [
        .gauge(
            "slave_read_repl_offset",
            "Offset up to which this replica has read the stream of its primary, applied or not, in bytes."),
        .gauge("min_slaves_good_slaves", "Replicas that count as good for min-replicas-to-write."),
        .gauge("replica_announced", "Whether this replica is told to Sentinels."),
        .gauge("connected_masters", "Primaries this server is connected to; KeyDB only."),
        .gauge(
            "master_link_down_since_seconds", "Seconds the connection to the primary has been down; only while it is."),
        .gauge("master_link_up_since_seconds", "Seconds the connection to the primary has been up."),
        .gauge("master_sync_total_bytes", "Bytes of the data that the primary is sending; 0 when it does not know."),
        .gauge("master_sync_read_bytes", "Bytes of the data of the primary that have come."),
        .gauge("master_sync_left_bytes", "Bytes of the data of the primary that are still to come."),
        .gauge(
            "master_sync_perc", as: "master_sync_ratio", "Share of the data of the primary that has come.",
            in: .percent),
        .gauge(
            "master_sync_last_io_seconds_ago", as: "master_sync_last_io_seconds",
            "Seconds since the primary last sent a part of its data."),
        .gauge("master_current_sync_attempts", "Tries to synchronise with the primary since the link was lost."),
        .counter(
            "master_total_sync_attempts", as: "master_sync_attempts_total",
            "Tries to synchronise with the primary since the start."),
        .counter(
            "total_disconnect_time_sec", as: "master_link_down_seconds_total",
            "Seconds the connection to the primary was down since the start."),
    ]

    private static let replicaRows: [MetricRow] = [
        .gauge("offset", as: "connected_slave_offset_bytes", "Offset the replica has acknowledged, in bytes."),
        .gauge("lag", as: "connected_slave_lag_seconds", "Seconds since the replica acknowledged anything."),
    ]
}

/// What a replica says of its primary. KeyDB may have several, numbered from the second on.
private struct PrimaryMetrics {
    private let linkUp: MetricDescriptor
    private let lastIO: MetricDescriptor
    private let syncing: MetricDescriptor
    private let offset: MetricDescriptor
    private let info: MetricDescriptor

    init(_ namespace: String) {
        func gauge(_ name: String, _ help: String) -> MetricDescriptor {
            MetricDescriptor("\(namespace)_\(name)", help, kind: .gauge)
        }
        linkUp = gauge("master_link_up", "Whether the connection to the primary is up.")
        lastIO = gauge(
            "master_last_io_seconds_ago", "Seconds since the primary sent anything; -1 when the link is down.")
        syncing = gauge("master_sync_in_progress", "Whether the primary is sending all its data.")
        offset = gauge("slave_repl_offset", "Offset of this replica in the stream of its primary, in bytes.")
        info = gauge("slave_info", "The primary of this replica and whether the replica is read-only, as labels.")
    }

    var descriptors: [MetricDescriptor] { [linkUp, lastIO, syncing, offset, info] }

    func read(_ document: InfoDocument, into sink: inout MetricSink) {
        for prefix in Self.prefixes(document) {
            let labels = LabelSet([
                "master_host": String(document.text("\(prefix)_host") ?? ""),
                "master_port": String(document.text("\(prefix)_port") ?? ""),
            ])
            sink.add(linkUp, document.text("\(prefix)_link_status").map { $0 == "up" ? 1 : 0 }, labels)
            sink.add(lastIO, document.number("\(prefix)_last_io_seconds_ago"), labels)
            sink.add(syncing, document.number("\(prefix)_sync_in_progress"), labels)
            guard prefix == "master" else { continue }
            sink.add(offset, document.number("slave_repl_offset"), labels)
            guard document.text("role") == "slave" else { continue }
            let readOnly = String(document.text("slave_read_only") ?? "")
            sink.add(info, 1, labels.adding("read_only", readOnly) ?? labels)
        }
    }

    private static func prefixes(_ document: InfoDocument) -> [String] {
        let numbered = (1...64).lazy.map { "master_\($0)" }.prefix { document.text("\($0)_host") != nil }
        return (document.text("master_host") == nil ? [] : ["master"]) + numbered
    }
}
