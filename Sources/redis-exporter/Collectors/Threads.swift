internal import ExporterKit

/// Section `Threads` of Redis 8: `io_thread_0:clients=1,reads=13,writes=6`.
/// Source: https://redis.io/docs/latest/commands/info/#threads
struct ThreadsCollector: InfoCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor("threads", "Work of each I/O thread, from INFO section Threads.")
    private let threads: InfoRecords

    init(_ namespace: String) {
        threads = InfoRecords(namespace, labels: ["thread"], Self.rows)
    }

    var metrics: [MetricDescriptor] { threads.descriptors }

    func decode(_ info: InfoDocument, into sink: inout MetricSink) {
        let entries = info.entries(in: "Threads", prefix: "io_thread_")
        threads.read(entries.map { ([String($0.name.dropFirst(10))], InfoRecord($0.value)) }, into: &sink)
    }

    private static let rows: [MetricRow] = [
        .gauge("clients", as: "threads_io_clients", "Clients the thread serves."),
        .counter("reads", as: "threads_io_reads_total", "Reads from connections by the thread."),
        .counter("writes", as: "threads_io_writes_total", "Writes to connections by the thread."),
    ]
}
