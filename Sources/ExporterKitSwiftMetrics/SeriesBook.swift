internal import ExporterKit

/// Which series a label and dimensions stand for, and the handlers made for them.
final class SeriesBook: Sendable {
    /// What a library asked for.
    enum Sort: UInt8 {
        case counter, floatingPointCounter, meter, distribution, lastValue, timer
    }

    private let registry: Registry
    private let options: PrometheusMetricsFactory.Options
    private let known = SeriesCache()
    /// Where instruments live that are not to be exposed.
    private let hidden = Registry()

    init(_ registry: Registry, _ options: PrometheusMetricsFactory.Options) {
        self.registry = registry
        self.options = options
    }

    /// The handler of these, made when this thread has none.
    @inline(__always) func handler<Handler: SeriesHandler>(
        _ sort: Sort, _ label: String, _ dimensions: [(String, String)],
        _ make: (OpenSeries<Handler.Measure>) -> Handler
    ) -> Handler {
        if let found = known.find(kind: sort.rawValue, label: label, dimensions: dimensions) {
            // What is stored under a sort is of its handler's type.
            return unsafeDowncast(found, to: Handler.self)
        }
        let new = make(series(sort, label, dimensions))
        known.store(new, kind: sort.rawValue, label: label, dimensions: dimensions)
        return new
    }

    /// Ends the series of a handler.
    func remove(_ handler: AnyObject) {
        guard let handler = handler as? any SeriesHandler else { return }
        handler.removeSeries()
        known.removeAll()
    }

    @inline(never) private func series<I: OpenInstrument>(
        _ sort: Sort, _ label: String, _ dimensions: [(String, String)]
    ) -> OpenSeries<I> {
        let override = options.overrides[label]
        let registry = override?.isDropped ?? false ? hidden : registry
        let name = override?.name ?? name(sort, label)
        let unit = override?.unit ?? (sort == .timer && name.hasSuffix("_seconds") ? "seconds" : nil)
        let help = override?.help ?? "Recorded as \(label)."
        let buckets =
            override?.buckets ?? (sort == .timer ? options.timerBuckets : options.recorderBuckets)
        return registry.openSeries(
            MetricDescriptor(name, help, kind: I.kind, unit: unit), dimensions, buckets: buckets)
    }

    private func name(_ sort: Sort, _ label: String) -> String {
        switch sort {
        case .counter, .floatingPointCounter: label.hasSuffix("_total") ? label : label + "_total"
        case .timer: label.hasSuffix("_seconds") ? label : label + "_seconds"
        case .meter, .distribution, .lastValue: label
        }
    }
}

/// A handler and the series it feeds.
protocol SeriesHandler: AnyObject {
    associatedtype Measure: OpenInstrument
    var series: OpenSeries<Measure> { get }
}

extension SeriesHandler {
    func removeSeries() { series.remove() }
}
