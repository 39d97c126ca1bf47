internal import ExporterKit

/// Section `Sentinel`: `master0:name=mymaster,status=ok,address=10.0.0.1:6379,slaves=1,sentinels=3`.
/// Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
struct SentinelCollector: InfoCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor("sentinel", "Primaries watched by a Sentinel, from INFO section Sentinel.")
    private let fields: InfoFields
    private let primaries: InfoRecords
    private let status: MetricDescriptor

    init(_ namespace: String) {
        fields = InfoFields(namespace, Self.rows)
        primaries = InfoRecords(namespace, labels: ["master_name", "master_address"], Self.primaryRows)
        status = MetricDescriptor(
            "\(namespace)_sentinel_master_status", "Whether the status of the primary, given as a label, is ok.",
            kind: .gauge)
    }

    var metrics: [MetricDescriptor] { fields.descriptors + primaries.descriptors + [status] }

    func decode(_ info: InfoDocument, into sink: inout MetricSink) {
        fields.read(info, into: &sink)
        let records = info.entries(in: "Sentinel", prefix: "master").map { entry in
            let record = InfoRecord(entry.value)
            return (labels: ["name", "address"].map { String(record.text($0) ?? "") }, record: record)
        }
        primaries.read(records, into: &sink)
        for (labels, record) in records {
            guard let state = record.text("status") else { continue }
            let set = LabelSet([
                "master_name": labels[0], "master_address": labels[1], "master_status": String(state),
            ])
            sink.add(status, state == "ok" ? 1 : 0, set)
        }
    }

    private static let rows: [MetricRow] = [
        .gauge("sentinel_masters", "Primaries this Sentinel watches."),
        .gauge("sentinel_tilt", "Whether this Sentinel has lost trust in its clock and takes no action."),
        .gauge("sentinel_running_scripts", "Notification scripts at work."),
        .gauge("sentinel_scripts_queue_length", "Notification scripts that wait."),
        .gauge("sentinel_simulate_failure_flags", "Failures this Sentinel simulates, as bits."),
    ]

    private static let primaryRows: [MetricRow] = [
        .gauge("slaves", as: "sentinel_master_slaves", "Replicas of the primary that this Sentinel knows."),
        .gauge("sentinels", as: "sentinel_master_sentinels", "Sentinels that watch the primary, this one included."),
    ]
}
