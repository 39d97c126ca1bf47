internal import ExporterKit

/// The series of keys and of counts of keys, under the names of redis_exporter.
struct KeyMetrics: Sendable {
    private let memory: MetricDescriptor
    private let size: MetricDescriptor
    private let value: MetricDescriptor
    private let text: MetricDescriptor
    private let count: MetricDescriptor
    private let labels = LabelTemplate(["db", "key"])
    private let textLabels = LabelTemplate(["db", "key", "val"])

    init(_ namespace: String) {
        func gauge(_ name: String, _ help: String, unit: String? = nil) -> MetricDescriptor {
            MetricDescriptor("\(namespace)_\(name)", help, kind: .gauge, unit: unit)
        }
        memory = gauge("key_memory_usage_bytes", "Memory that the key and its value take.", unit: "bytes")
        size = gauge("key_size", "Length of a string, distinct elements of a HyperLogLog, elements of any other key.")
        value = gauge("key_value", "Value of a string that is a number.")
        text = gauge("key_value_as_string", "Value of any other string as the label val; always 1.")
        count = gauge("keys_count", "Keys that match the pattern.")
    }

    var all: [MetricDescriptor] { [memory, size, value, text, count] }

    /// - Parameter zeroForMissing: give a key that does not exist a size of 0.
    func add(_ probe: KeyProbe, zeroForMissing: Bool, into sink: inout MetricSink) {
        let database = probe.key.databaseLabel
        guard let labels = labels?.labels([database, probe.key.name]) else { return }
        guard !probe.isMissing else {
            if zeroForMissing { sink.add(size, 0, labels) }
            return
        }
        sink.add(memory, probe.memory, labels)
        sink.add(size, probe.size, labels)
        guard let bytes = probe.value else { return }
        if let number = Self.number(bytes) {
            sink.add(value, number, labels)
        } else if let labels = textLabels?.labels([database, probe.key.name, bytes]) {
            sink.add(text, 1, labels)
        }
    }

    func add(count: Int, of pattern: KeyName, into sink: inout MetricSink) {
        let labels = labels?.labels([StoredKey.label(pattern.database), Array(pattern.name.utf8)])
        sink.add(self.count, Double(count), labels ?? .empty)
    }

    /// What Go reads as a number: one too large for it is text.
    static func number(_ bytes: [UInt8]) -> Double? {
        guard bytes.count <= 400, let number = Double(String(decoding: bytes, as: UTF8.self)) else { return nil }
        let isWord = bytes.contains { $0 | 0x20 == UInt8(ascii: "n") }
        return number.isInfinite && !isWord ? nil : number
    }
}
