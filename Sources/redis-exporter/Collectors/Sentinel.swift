internal import ExporterKit

/// Section `Sentinel`: `master0:name=mymaster,status=ok,address=10.0.0.1:6379,slaves=1,sentinels=3`.
/// Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
struct SentinelCollector: InfoCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor("sentinel", "Primaries watched by a Sentinel, from INFO section Sentinel.")
    private let fields: InfoFields
    private let primaries: InfoRecords
    private let status: MetricDescriptor
    private let state: MetricDescriptor

    init(_ namespace: String) {
        fields = InfoFields(namespace, Self.rows)
        primaries = InfoRecords(namespace, labels: ["master_name", "master_address"], Self.primaryRows)
        status = MetricDescriptor(
            "\(namespace)_sentinel_master_status", "Whether the status of the primary, given as a label, is ok.",
            kind: .gauge)
        state = MetricDescriptor(
            "\(namespace)_sentinel_master_state", "State of the primary as this Sentinel sees it.", kind: .stateset)
    }

    var metrics: [MetricDescriptor] { fields.descriptors + primaries.descriptors + [status, state] }
    var infoFields: [String] { fields.names }

    /// Names of the primaries, in the order of `INFO`.
    static func names(_ info: InfoDocument) -> [String] {
        primaries(info).compactMap { record in record.text("name").map { String($0) } }
    }

    private static func primaries(_ info: InfoDocument) -> [InfoRecord] {
        info.entries(in: "Sentinel", prefix: "master").map { InfoRecord($0.value) }
    }

    func decode(_ info: InfoDocument, into sink: inout MetricSink) {
        fields.read(info, into: &sink)
        let records = Self.primaries(info).map { record in
            (labels: ["name", "address"].map { String(record.text($0) ?? "") }, record: record)
        }
        primaries.read(records, into: &sink)
        for (labels, record) in records {
            guard let current = record.text("status").map({ String($0) }) else { continue }
            let pairs = [(name: "master_name", value: labels[0]), (name: "master_address", value: labels[1])]
            let set = LabelSet(checking: pairs + [("master_status", current)]) ?? .empty
            sink.add(status, current == "ok" ? 1 : 0, set)
            state.addStates(["ok", "sdown", "odown"], current: current, pairs, into: &sink)
        }
    }

    private static let rows: [MetricRow] = [
        .gauge("sentinel_masters", "Primaries this Sentinel watches."),
        .gauge("sentinel_tilt", "Whether this Sentinel has lost trust in its clock and takes no action."),
        .gauge(
            "sentinel_tilt_since_seconds", "Seconds this Sentinel has not trusted its clock; only while it does not."),
        .counter("sentinel_total_tilt", as: "sentinel_tilts_total", "Times this Sentinel lost trust in its clock."),
        .gauge("sentinel_running_scripts", "Notification scripts at work."),
        .gauge("sentinel_scripts_queue_length", "Notification scripts that wait."),
        .gauge("sentinel_simulate_failure_flags", "Failures this Sentinel simulates, as bits."),
    ]

    private static let primaryRows: [MetricRow] = [
        .gauge("slaves", as: "sentinel_master_slaves", "Replicas of the primary that this Sentinel knows."),
        .gauge("sentinels", as: "sentinel_master_sentinels", "Sentinels that watch the primary, this one included."),
    ]
}
