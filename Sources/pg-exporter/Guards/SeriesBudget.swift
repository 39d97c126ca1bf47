internal import ExporterKit
internal import Synchronization

/// Serves no more than a number of series of a source: an application that makes a million tables must not take the
/// monitoring down.
///
/// Large families are cut first and all to the same length; small ones, and so everything about the server as a whole,
/// stay whole. Which series of a family stay goes by their labels, so that they are the same in every scrape and in
/// families of one table.
final class SeriesBudget: MetricSource {
    private let source: any MetricSource
    private let limit: Int
    private let dropped = Mutex<[String: Int]>([:])

    /// What is told about the series that are left out.
    static let metric = MetricDescriptor(
        "pg_exporter_dropped_series_total", "Series left out because of --series-limit, by metric.", kind: .counter)

    /// - Parameter limit: most series; 0 for no limit.
    init(_ source: any MetricSource, limit: Int) {
        self.source = source
        self.limit = limit
    }

    var collectors: [CollectorStatus] { source.collectors }

    func families(for request: ScrapeRequest) async -> [MetricFamily] {
        let families = await source.families(for: request)
        return limit == 0 ? families : cut(families)
    }

    /// The families within the budget, and the counter.
    func cut(_ families: [MetricFamily]) -> [MetricFamily] {
        let length = Self.length(of: families.map(\.count), within: limit)
        var result = families
        var now: [String: Int] = [:]
        for index in result.indices where result[index].count > length {
            let kept = result[index].samples.sorted {
                $0.labels.bytes.lexicographicallyPrecedes($1.labels.bytes)
            }.prefix(length)
            now[result[index].descriptor.name, default: 0] += result[index].count - kept.count
            result[index] = MetricFamily(result[index].descriptor, Array(kept))
        }
        let total = dropped.withLock { dropped in
            dropped.merge(now, uniquingKeysWith: +)
            return dropped
        }
        let samples = total.sorted { $0.key < $1.key }.map { Sample(Double($0.value), ["metric": $0.key]) }
        return result + [MetricFamily(Self.metric, samples)]
    }

    /// The most series a family may have so that all together are within the limit; at least one.
    static func length(of counts: [Int], within limit: Int) -> Int {
        guard counts.reduce(0, +) > limit else { return Int.max }
        var left = limit
        var families = counts.count
        for count in counts.sorted() {
            guard count <= left / families else { return max(1, left / families) }
            left -= count
            families -= 1
        }
        return Int.max
    }
}
