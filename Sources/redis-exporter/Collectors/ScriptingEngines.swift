internal import ExporterKit

/// Section `Scripting Engines` of Valkey:
/// `engine_0:name=LUA,module=built-in,abi_version=1,used_memory=…,memory_overhead=…`.
struct ScriptingEnginesCollector: InfoCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor(
        "scripting_engines", "Script engines, from INFO section Scripting Engines of Valkey.")
    private let fields: InfoFields
    private let engines: InfoRecords
    private let engine: MetricDescriptor

    init(_ namespace: String) {
        fields = InfoFields(namespace, Self.rows)
        engines = InfoRecords(namespace, labels: Self.labels, Self.engineRows)
        engine = MetricDescriptor(
            "\(namespace)_scripting_engine_info", "Name, module and interface version of a script engine, as labels.",
            kind: .gauge)
    }

    var metrics: [MetricDescriptor] { fields.descriptors + engines.descriptors + [engine] }
    var infoFields: [String] { fields.names }

    func decode(_ info: InfoDocument, into sink: inout MetricSink) {
        fields.read(info, into: &sink)
        let records = info.entries(in: "Scripting Engines", prefix: "engine_").map { entry in
            let record = InfoRecord(entry.value)
            return (labels: ["name", "module", "abi_version"].map { String(record.text($0) ?? "") }, record: record)
        }
        engines.read(records, into: &sink)
        guard let template = LabelTemplate(Self.labels) else { return }
        for record in records { sink.add(engine, 1, template.labels(record.labels)) }
    }

    private static let labels = ["engine", "module", "abi_version"]

    private static let rows: [MetricRow] = [
        .gauge("engines_count", as: "scripting_engines_count", "Script engines the server has."),
        .gauge(
            "engines_total_used_memory", as: "scripting_engines_memory_used_bytes", "Bytes of all script engines."),
        .gauge(
            "engines_total_memory_overhead", as: "scripting_engines_memory_overhead_bytes",
            "Bytes for managing all script engines."),
    ]

    private static let engineRows: [MetricRow] = [
        .gauge("used_memory", as: "scripting_engine_memory_used_bytes", "Bytes used by the script engine."),
        .gauge(
            "memory_overhead", as: "scripting_engine_memory_overhead_bytes", "Bytes for managing the script engine."),
    ]
}
