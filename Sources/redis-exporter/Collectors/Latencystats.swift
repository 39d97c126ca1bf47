internal import ExporterKit

/// Section `Latencystats`: `latency_percentiles_usec_get:p50=1.003,p99=2.007,p99.9=2.007`. Quantiles are labelled in
/// percent, as dashboards of redis_exporter select them.
/// Source: https://redis.io/docs/latest/commands/info/#latencystats
struct LatencystatsCollector: InfoCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor(
        "latencystats", "Latency percentiles per command, from INFO section Latencystats.")
    private let summary: MetricDescriptor
    private let filter: CommandFilter

    /// - Parameter filter: which commands get percentiles.
    init(_ namespace: String, filter: CommandFilter = .all) {
        self.filter = filter
        summary = MetricDescriptor(
            "\(namespace)_latency_percentiles_usec",
            "Microseconds a call of the command took; the quantile label is in percent.", kind: .summary)
    }

    var metrics: [MetricDescriptor] { [summary] }

    func decode(_ info: InfoDocument, into sink: inout MetricSink) {
        let prefix = "latency_percentiles_usec_"
        let calls = Dictionary(info.commands) { first, _ in first }
        for entry in info.entries(in: "Latencystats", prefix: prefix) {
            let command = entry.name.dropFirst(prefix.count)
            let quantiles = InfoRecord(entry.value).pairs.compactMap { pair in
                InfoNumber(pair.value).map { (label: String(pair.name.dropFirst()), value: $0.value) }
            }
            guard !quantiles.isEmpty, filter.includes(command) else { continue }
            let record = calls[command]
            let count = record?.number("calls").flatMap { UInt64(exactly: $0) }
            let snapshot = SummarySnapshot(quantiles: quantiles, sum: record?.number("usec"), count: count)
            sink.add(summary, .summary(snapshot), LabelSet(["cmd": String(command)]))
        }
    }
}
