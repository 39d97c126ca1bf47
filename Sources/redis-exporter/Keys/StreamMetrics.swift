internal import ExporterKit

/// The series of streams, their groups and consumers, under the names of redis_exporter.
///
/// What the server does not know (the lag of a group whose position was set by hand) has no sample.
struct StreamMetrics: Sendable {
    /// Where a value stands in the server's answer.
    private enum Field: Sendable {
        case number(String)
        case milliseconds(String)
        case time(String)
        case entryTime(String)
    }

    private struct Row: Sendable {
        let descriptor: MetricDescriptor
        let field: Field

        init(_ namespace: String, _ name: String, _ field: Field, _ help: String) {
            let isCounter = name.hasSuffix("_total")
            descriptor = MetricDescriptor(
                "\(namespace)_\(name)", help, kind: isCounter ? .counter : .gauge,
                unit: name.hasSuffix("_seconds") ? "seconds" : nil)
            self.field = field
        }

        func value(_ fields: StreamFields) -> Double? {
            switch field {
            case .number(let name): fields.number(name)
            case .milliseconds(let name): fields.number(name).map { $0 / 1_000 }
            case .time(let name): fields.time(name)
            case .entryTime(let name): fields.entryTime(name)
            }
        }
    }

    private let streamRows: [Row]
    private let groupRows: [Row]
    private let consumerRows: [Row]
    private let nacked: MetricDescriptor
    private let streamLabels = LabelTemplate(["db", "stream"])
    private let groupLabels = LabelTemplate(["db", "stream", "group"])
    private let consumerLabels = LabelTemplate(["db", "stream", "group", "consumer"])

    init(_ namespace: String) {
        streamRows = Self.streams.map { Row(namespace, $0, $1, $2) }
        groupRows = Self.groups.map { Row(namespace, $0, $1, $2) }
        consumerRows = Self.consumers.map { Row(namespace, $0, $1, $2) }
        nacked = MetricDescriptor(
            "\(namespace)_stream_group_messages_nacked", "Entries that consumers of the group have given back.",
            kind: .gauge)
    }

    var all: [MetricDescriptor] { (streamRows + groupRows + consumerRows).map(\.descriptor) + [nacked] }

    func add(_ probe: StreamProbe, into sink: inout MetricSink) {
        guard let stream = probe.stream else { return }
        let names = [probe.key.databaseLabel, probe.key.name]
        Self.add(streamRows, stream, streamLabels?.labels(names), into: &sink)
        for group in probe.groups {
            let names = names + [group.name]
            let labels = groupLabels?.labels(names)
            Self.add(groupRows, group.fields, labels, into: &sink)
            sink.add(nacked, group.nacked, labels ?? .empty)
            for consumer in group.consumers {
                guard let name = consumer.bytes("name") else { continue }
                Self.add(consumerRows, consumer, consumerLabels?.labels(names + [name]), into: &sink)
            }
        }
    }

    private static func add(_ rows: [Row], _ fields: StreamFields, _ labels: LabelSet?, into sink: inout MetricSink) {
        guard let labels else { return }
        for row in rows { sink.add(row.descriptor, row.value(fields), labels) }
    }

    /// Source: https://redis.io/docs/latest/commands/xinfo-stream/
    private static let streams: [(String, Field, String)] = [
        ("stream_length", .number("length"), "Entries in the stream."),
        ("stream_radix_tree_keys", .number("radix-tree-keys"), "Keys of the radix tree that holds the stream."),
        ("stream_radix_tree_nodes", .number("radix-tree-nodes"), "Nodes of the radix tree that holds the stream."),
        ("stream_last_generated_id", .time("last-generated-id"), "Milliseconds of the last ID that was given out."),
        ("stream_groups", .number("groups"), "Groups of consumers of the stream."),
        ("stream_max_deleted_entry_id", .time("max-deleted-entry-id"), "Milliseconds of the highest ID deleted."),
        ("stream_first_entry_id", .entryTime("first-entry"), "Milliseconds of the first entry's ID."),
        ("stream_last_entry_id", .entryTime("last-entry"), "Milliseconds of the last entry's ID."),
        ("stream_entries_added_total", .number("entries-added"), "Entries ever added to the stream."),
        ("stream_idmp_duration_seconds", .number("idmp-duration"), "How long idempotent IDs are remembered."),
        ("stream_idmp_max_size", .number("idmp-maxsize"), "Idempotent IDs remembered for each producer, at most."),
        ("stream_idmp_producer_ids_tracked", .number("pids-tracked"), "Producers whose idempotent IDs are remembered."),
        ("stream_idmp_idempotent_ids_tracked", .number("iids-tracked"), "Idempotent IDs that are remembered."),
        ("stream_idmp_entries_added_total", .number("iids-added"), "Entries ever added with an idempotent ID."),
        ("stream_idmp_duplicates_total", .number("iids-duplicates"), "Entries refused because their ID was known."),
    ]

    /// Source: https://redis.io/docs/latest/commands/xinfo-groups/
    private static let groups: [(String, Field, String)] = [
        ("stream_group_consumers", .number("consumers"), "Consumers of the group."),
        ("stream_group_messages_pending", .number("pending"), "Entries delivered to the group and not acknowledged."),
        (
            "stream_group_last_delivered_id", .time("last-delivered-id"),
            "Milliseconds of the last delivered entry's ID."
        ),
        ("stream_group_entries_read", .number("entries-read"), "Entries the group has read; absent when not known."),
        ("stream_group_lag", .number("lag"), "Entries not yet delivered to the group; absent when not known."),
    ]

    /// Source: https://redis.io/docs/latest/commands/xinfo-consumers/
    private static let consumers: [(String, Field, String)] = [
        (
            "stream_group_consumer_messages_pending", .number("pending"),
            "Entries delivered to the consumer and not acknowledged."
        ),
        (
            "stream_group_consumer_idle_seconds", .milliseconds("idle"),
            "Time since the consumer last tried to read or claim."
        ),
    ]
}
