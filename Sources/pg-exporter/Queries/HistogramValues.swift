internal import ExporterKit
internal import PostgresClient

/// Histograms that the query itself makes: upper bounds in one column, and beside it their cumulated counts, the sum and
/// the count of all.
struct HistogramValues: ColumnValues {
    private let name: String
    private let bounds: Int
    private let buckets: Int
    private let sum: Int
    private let count: Int
    private let slot: MetricSink.Slot

    /// - Parameters:
    ///   - name: of the column with the bounds.
    ///   - bounds: its position.
    /// - Throws: which of the other columns is missing.
    init(_ name: String, _ bounds: Int, _ table: ResultTable, slot: MetricSink.Slot) throws(CollectorError) {
        func column(_ suffix: String) throws(CollectorError) -> Int {
            if let index = table.column(name + suffix) { return index }
            throw CollectorError(
                .decode, "the histogram \(name) needs the column \(name)\(suffix) too; add it to the query")
        }
        self.name = name
        self.bounds = bounds
        self.slot = slot
        buckets = try column("_bucket")
        sum = try column("_sum")
        count = try column("_count")
    }

    /// NULL gives no sample.
    func read(
        _ table: ResultTable, _ row: Int, _ labels: LabelSet, into sink: inout MetricSink
    ) throws(CollectorError) {
        guard let boundText = table.text(row, bounds) else { return }
        guard let bounds = ArrayText.numbers(boundText),
            let cumulated = table.text(row, buckets).flatMap(ArrayText.numbers), cumulated.count == bounds.count
        else { throw flaw("its bounds and buckets must be arrays of numbers, equally long") }
        guard let sum = table.number(row, sum), let count = table.number(row, count).flatMap({ UInt64(exactly: $0) })
        else { throw flaw("its sum must be a number and its count a whole one") }
        // The last bucket is the count, whether the query tells it or not.
        var pairs = zip(bounds, cumulated).filter { $0.0 < .infinity }.sorted { $0.0 < $1.0 }
        pairs.append((.infinity, Double(count)))
        var counts: [UInt64] = []
        var before = 0.0
        for (_, total) in pairs {
            guard total >= before, let own = UInt64(exactly: total - before) else {
                throw flaw("its buckets must be whole numbers that grow up to the count")
            }
            counts.append(own)
            before = total
        }
        guard let value = HistogramSnapshot(upperBounds: pairs.dropLast().map(\.0), counts: counts, sum: sum) else {
            throw flaw("a bound is there twice")
        }
        sink.append(.histogram(value), labels, to: slot)
    }

    private func flaw(_ text: String) -> CollectorError {
        CollectorError(.decode, "the histogram \(name): \(text)")
    }
}
