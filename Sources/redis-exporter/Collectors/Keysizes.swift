internal import ExporterKit

/// Section `Keysizes` of Redis 8: `db0_distrib_strings_sizes:0=1,4=7,1K=2`, how many keys there are of which size. The
/// server keeps count, so big keys are seen without looking for them.
/// Source: https://redis.io/docs/latest/commands/info/#keysizes
struct KeysizesCollector: InfoCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor(
        "keysizes", "Keys by size and number of items as histograms, from INFO section Keysizes.")
    private let bytes: MetricDescriptor
    private let items: MetricDescriptor

    init(_ namespace: String) {
        bytes = MetricDescriptor(
            "\(namespace)_keysizes_bytes", "Keys by the bytes of their value, for one database and structure.",
            kind: .gaugeHistogram, unit: "bytes")
        items = MetricDescriptor(
            "\(namespace)_keysizes_items", "Keys by the number of their items, for one database and structure.",
            kind: .gaugeHistogram)
    }

    var metrics: [MetricDescriptor] { [bytes, items] }

    func decode(_ info: InfoDocument, into sink: inout MetricSink) {
        for entry in info.entries(in: "Keysizes") {
            // db0, distrib, strings, sizes
            let words = entry.name.split(separator: "_")
            guard words.count == 4, words[0].hasPrefix("db"), words[1] == "distrib",
                let metric = ["sizes": bytes, "items": items][words[3]], let histogram = Self.histogram(entry.value)
            else { continue }
            let labels = LabelSet(["db": String(words[0]), "structure": String(words[2])])
            sink.add(metric, .histogram(histogram), labels)
        }
    }

    /// A bucket is called by its smallest size, a power of two; `4` holds 4 to 7. All up to the largest one are given, so
    /// that the bounds stay the same while keys come and go. The server does not know the sum.
    private static func histogram(_ text: Substring) -> HistogramSnapshot? {
        var counts: [UInt64] = []
        for pair in InfoRecord(text).pairs {
            guard let size = size(pair.name), let count = UInt64(pair.value) else { return nil }
            let index = size == 0 ? 0 : UInt64.bitWidth - size.leadingZeroBitCount
            while counts.count <= index { counts.append(0) }
            counts[index] = count
        }
        guard !counts.isEmpty else { return nil }
        let bounds = counts.indices.map { Double((1 as UInt64) << $0 - 1) }
        return HistogramSnapshot(upperBounds: bounds, counts: counts + [0], sum: .nan)
    }

    /// `512`, `1K`, `2M`. Not more than 2^62.
    private static func size(_ text: Substring) -> UInt64? {
        let shift = text.last.flatMap { units[$0] }
        guard let number = UInt64(shift == nil ? text : text.dropLast()) else { return nil }
        guard number < (1 as UInt64) << (63 - (shift ?? 0)) else { return nil }
        return number << (shift ?? 0)
    }

    private static let units: [Character: UInt64] = ["K": 10, "M": 20, "G": 30, "T": 40, "P": 50, "E": 60]
}
