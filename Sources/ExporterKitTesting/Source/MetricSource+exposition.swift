public import ExporterKit

extension MetricSource {
    /// What a scrape of this source would show now.
    ///
    /// - Parameters:
    ///   - syntax: whose names and types to use; OpenMetrics also has units and exemplars.
    ///   - time: how long the source may take; one that reads memory needs none of it.
    public func exposition(
        as syntax: Exposition.Syntax = .text, within time: Duration = .seconds(10)
    ) async -> Exposition {
        Exposition(await families(for: ScrapeRequest(deadline: .after(time))), as: syntax)
    }

    /// The value of one series now; `nil` when there is no such series.
    ///
    /// - Parameters:
    ///   - name: as a query names it: `http_requests_total`, or `latency_seconds_count`, `_sum` and `_bucket` of a
    ///     histogram; the bare name of a histogram is no series.
    ///   - labels: all of them, in any order; for a bucket `le` too, where `1` and `1.0` are the same.
    public func value(_ name: String, _ labels: [String: String] = [:]) async -> Double? {
        await exposition().value(name, labels)
    }

    /// The value of one series now, as `value` gives it.
    ///
    /// - Throws: `SeriesNotFound`, whose text lists what is there, the nearest names first.
    public func requireValue(_ name: String, _ labels: [String: String] = [:]) async throws -> Double {
        try await exposition().requireValue(name, labels)
    }

    /// A histogram as a whole, with its native buckets; `nil` when there is no such series.
    ///
    /// - Parameters:
    ///   - name: without a suffix.
    ///   - labels: all of them but `le`.
    public func histogram(_ name: String, _ labels: [String: String] = [:]) async -> HistogramSnapshot? {
        let wanted = SeriesKey(name, labels)
        for family in await families(for: ScrapeRequest(deadline: .after(.seconds(10))))
        where family.descriptor.name == name {
            for sample in family.samples {
                guard case .histogram(let histogram) = sample.value else { continue }
                let own = Dictionary(sample.labels.pairs.map { ($0.name, $0.value) }) { first, _ in first }
                if SeriesKey(name, own) == wanted { return histogram }
            }
        }
        return nil
    }

    /// How much a series grows while something happens. One that is not there before counts from 0.
    ///
    /// - Throws: what `work` throws; `SeriesNotFound` when the series is not there afterwards either.
    public func increase(
        of name: String, _ labels: [String: String] = [:], during work: () async throws -> Void
    ) async throws -> Double {
        let before = await value(name, labels) ?? 0
        try await work()
        return try await requireValue(name, labels) - before
    }

    /// Compares what a scrape would show now with a text; see `Exposition.require`.
    ///
    /// - Throws: `ExpositionDifference` with both sides of every difference; `ExpositionError` when `expected` itself is
    ///   malformed.
    public func requireExposition(_ expected: String, only names: Set<String> = []) async throws {
        let expected = try Exposition(expecting: expected)
        if let difference = await exposition(as: expected.syntax).difference(from: expected, only: names) {
            throw difference
        }
    }

    /// What Prometheus' conventions for names and helps find wrong now; see `Exposition.lint`.
    public func lint() async -> [LintProblem] {
        await exposition().lint()
    }
}
