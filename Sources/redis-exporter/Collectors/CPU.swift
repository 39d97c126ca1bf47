internal import ExporterKit

/// Section `CPU`.
/// Source: https://redis.io/docs/latest/commands/info/#cpu
struct CPUCollector: InfoCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor("cpu", "CPU time of the server and its threads, from INFO section CPU.")
    private let fields: InfoFields
    private let threads: MetricDescriptor

    init(_ namespace: String) {
        fields = InfoFields(namespace, Self.rows)
        threads = MetricDescriptor(
            "\(namespace)_active_time_io_thread_seconds_total", "Seconds an I/O thread was at work.", kind: .counter)
    }

    var metrics: [MetricDescriptor] { fields.descriptors + [threads] }
    var infoFields: [String] { fields.names }

    func decode(_ info: InfoDocument, into sink: inout MetricSink) {
        fields.read(info, into: &sink)
        let prefix = "used_active_time_io_thread_"
        for entry in info.entries(prefix: prefix) {
            let thread = String(entry.name.dropFirst(prefix.count))
            sink.add(threads, InfoNumber(entry.value)?.value, LabelSet(["thread": thread]))
        }
    }

    private static let rows: [MetricRow] = [
        .counter("used_cpu_sys", as: "cpu_sys_seconds_total", "Seconds of CPU the server spent in the kernel."),
        .counter("used_cpu_user", as: "cpu_user_seconds_total", "Seconds of CPU the server spent in its own code."),
        .counter(
            "used_cpu_sys_children", as: "cpu_sys_children_seconds_total",
            "Seconds of CPU that child processes, such as snapshots, spent in the kernel."),
        .counter(
            "used_cpu_user_children", as: "cpu_user_children_seconds_total",
            "Seconds of CPU that child processes, such as snapshots, spent in their own code."),
        .counter(
            "used_cpu_sys_main_thread", as: "cpu_sys_main_thread_seconds_total",
            "Seconds of CPU the main thread spent in the kernel."),
        .counter(
            "used_cpu_user_main_thread", as: "cpu_user_main_thread_seconds_total",
            "Seconds of CPU the main thread spent in its own code."),
        .counter(
            "used_active_time_main_thread", as: "active_time_main_thread_seconds_total",
            "Seconds the main thread was at work."),
        .gauge("server_threads", as: "server_threads_total", "Threads that serve clients; KeyDB only."),
        .gauge(
            "long_lock_waits", as: "long_lock_waits_total",
            "Long waits for the global lock since the start; KeyDB only."),
    ]
}
