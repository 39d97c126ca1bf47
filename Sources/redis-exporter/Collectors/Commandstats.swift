internal import ExporterKit

/// Section `Commandstats`: `cmdstat_config|get:calls=2,usec=30,rejected_calls=0,failed_calls=0`.
/// Source: https://redis.io/docs/latest/commands/info/#commandstats
struct CommandstatsCollector: InfoCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor(
        "commandstats", "Calls, time and failures per command, from INFO section Commandstats.")
    private let records: InfoRecords

    init(_ namespace: String) {
        records = InfoRecords(namespace, labels: ["cmd"], Self.rows)
    }

    var metrics: [MetricDescriptor] { records.descriptors }

    func decode(_ info: InfoDocument, into sink: inout MetricSink) {
        records.read(info.commands.map { ([String($0.command)], $0.record) }, into: &sink)
    }

    private static let rows: [MetricRow] = [
        .counter("calls", as: "commands_total", "Executions of the command."),
        .counter(
            "usec", as: "commands_duration_seconds_total", "Seconds spent executing the command.", in: .microseconds),
        .counter(
            "rejected_calls", as: "commands_rejected_calls_total", "Calls refused before the command was executed."),
        .counter(
            "failed_calls", as: "commands_failed_calls_total", "Executions of the command that ended with an error."),
        .counter(
            "slowlog_count", as: "commands_slowlog_total", "Executions of the command that came into the slow log."),
        .counter(
            "slowlog_time_ms_sum", as: "commands_slowlog_duration_seconds_total",
            "Seconds of the executions of the command that came into the slow log.", in: .milliseconds),
        .gauge(
            "slowlog_time_ms_max", as: "commands_slowlog_longest_seconds",
            "Seconds of the slowest execution of the command that came into the slow log.", in: .milliseconds),
    ]
}
