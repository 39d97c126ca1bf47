internal import ExporterKit

/// Section `Errorstats`: `errorstat_WRONGTYPE:count=2`.
/// Source: https://redis.io/docs/latest/commands/info/#errorstats
struct ErrorstatsCollector: InfoCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor("errorstats", "Errors sent to clients by code, from INFO section Errorstats.")
    private let records: InfoRecords

    init(_ namespace: String) {
        records = InfoRecords(
            namespace, labels: ["err"],
            [.counter("count", as: "errors_total", "Errors of this code sent to clients.")])
    }

    var metrics: [MetricDescriptor] { records.descriptors }

    func decode(_ info: InfoDocument, into sink: inout MetricSink) {
        let errors = info.entries(in: "Errorstats", prefix: "errorstat_")
        records.read(errors.map { ([String($0.name.dropFirst(10))], InfoRecord($0.value)) }, into: &sink)
    }
}
