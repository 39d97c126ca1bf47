internal import ExporterKit
internal import PostgresClient

/// Reads histograms out of rows: cumulated counts become buckets.
struct HistogramColumns {
    private enum Buckets {
        case arrays(bounds: Int, counts: Int)
        case columns([(bound: Double, column: Int)])
    }
    private let name: String
    private let buckets: Buckets
    private let sum: Int
    private let count: Int

    /// - Parameter find: position of a column.
    init(
        _ histogram: SQLHistogram, of name: String, _ find: (String) throws(CollectorError) -> Int
    ) throws(CollectorError) {
        self.name = name
        switch histogram.buckets {
        case .arrays(let bounds, let counts): buckets = .arrays(bounds: try find(bounds), counts: try find(counts))
        case .columns(let all):
            var found: [(bound: Double, column: Int)] = []
            for one in all { found.append((one.bound, try find(one.column))) }
            buckets = .columns(found)
        }
        sum = try find(histogram.sum)
        count = try find(histogram.count)
    }

    /// - Returns: `.null` when the bounds, a bucket, the sum or the count are NULL.
    /// - Throws: what is wrong with the row.
    func raw(_ table: ResultTable, _ row: Int) throws(CollectorError) -> RawValue {
        guard table.utf8(row, sum) != nil, table.utf8(row, count) != nil else { return .null }
        guard let sum = table.number(row, sum), let count = table.number(row, count).flatMap({ UInt64(exactly: $0) })
        else { throw flaw("its sum must be a number and its count a whole one") }
        guard let pairs = try pairs(table, row) else { return .null }
        var counts: [UInt64] = []
        var before = 0.0
        // The last bucket is the count, whether the query tells it or not.
        for total in pairs.map(\.total) + [Double(count)] {
            guard total >= before, let own = UInt64(exactly: total - before) else {
                throw flaw("its buckets must be whole numbers that grow up to the count")
            }
            counts.append(own)
            before = total
        }
        guard let value = HistogramSnapshot(upperBounds: pairs.map(\.bound), counts: counts, sum: sum) else {
            throw flaw("a bound is there twice")
        }
        return .histogram(value)
    }

    private func pairs(
        _ table: ResultTable, _ row: Int
    ) throws(CollectorError) -> [(bound: Double, total: Double)]? {
        switch buckets {
        case .columns(let columns):
            var pairs: [(bound: Double, total: Double)] = []
            for column in columns {
                guard table.utf8(row, column.column) != nil else { return nil }
                guard let total = table.number(row, column.column) else {
                    throw flaw("its buckets must be whole numbers that grow up to the count")
                }
                pairs.append((column.bound, total))
            }
            return pairs
        case .arrays(let bounds, let counts):
            guard let boundText = table.text(row, bounds), let countText = table.text(row, counts) else { return nil }
            guard let bounds = ArrayText.numbers(boundText), let counts = ArrayText.numbers(countText),
                bounds.count == counts.count
            else { throw flaw("its bounds and buckets must be arrays of numbers, equally long") }
            return zip(bounds, counts).filter { $0.0 < .infinity }.sorted { $0.0 < $1.0 }.map { ($0.0, $0.1) }
        }
    }

    private func flaw(_ text: String) -> CollectorError { CollectorError(.decode, "\(name): \(text)") }
}
