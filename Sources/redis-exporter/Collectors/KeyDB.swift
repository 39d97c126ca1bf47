internal import ExporterKit

/// What only KeyDB tells: locks and threads.
/// Source: https://docs.keydb.dev/docs/commands/#info
struct KeyDBCollector: InfoCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor("keydb", "Locks and threads of KeyDB, from INFO.")
    private let fields: InfoFields
    private let clients: MetricDescriptor

    init(_ namespace: String) {
        fields = InfoFields(namespace, Self.rows)
        clients = MetricDescriptor("\(namespace)_keydb_thread_clients", "Clients the thread serves.", kind: .gauge)
    }

    var metrics: [MetricDescriptor] { fields.descriptors + [clients] }
    var infoFields: [String] { fields.names }

    func decode(_ info: InfoDocument, into sink: inout MetricSink) {
        guard info.text("mvcc_depth") != nil || info.text("server_threads") != nil else { return }
        fields.read(info, into: &sink)
        for entry in info.entries(prefix: "thread_") where entry.name.hasSuffix("_clients") {
            let thread = String(entry.name.dropFirst(7).dropLast(8))
            sink.add(clients, InfoNumber(entry.value)?.value, LabelSet(["thread": thread]))
        }
    }

    private static let rows: [MetricRow] = [
        .gauge("mvcc_depth", as: "keydb_mvcc_depth", "Snapshots of the data that are nested in each other."),
        .gauge(
            "instantaneous_lock_contention", as: "keydb_lock_contention", "Threads that wait for the global lock now."),
        .gauge(
            "avg_lock_contention", as: "keydb_average_lock_contention",
            "Threads that wait for the global lock, of late."
        ),
    ]
}
