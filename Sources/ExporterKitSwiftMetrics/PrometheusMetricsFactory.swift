public import CoreMetrics
public import ExporterKit

/// Puts what libraries record through swift-metrics into a registry.
///
///     let registry = Registry()
///     MetricsSystem.bootstrap(PrometheusMetricsFactory(registry))
///
/// A value, not a singleton: several may exist, each for a registry of its own, also with `withMetricsFactory` for a task.
///
/// | swift-metrics | becomes |
/// |---|---|
/// | `Counter`, `FloatingPointCounter` | counter; `_total` is appended to the name |
/// | `Gauge`, `Meter`, `Recorder(aggregate: false)` | gauge |
/// | `Recorder` | histogram |
/// | `Timer` | histogram in seconds; `_seconds` is appended to the name |
///
/// Names may be any UTF-8, such as `http.server.requests`: each scraper gets them in the form it understands. The same label
/// and dimensions, in any order, are always the same series. What makes no sense never fails, see `MetricMisuse`.
public struct PrometheusMetricsFactory: MetricsFactory {
    private let series: SeriesBook

    /// A factory.
    ///
    /// - Parameters:
    ///   - registry: where the instruments live. Expose it with `MetricsServer` or `MetricsRoute`.
    ///   - options: buckets, and what holds for single labels.
    public init(_ registry: Registry, options: Options = Options()) {
        series = SeriesBook(registry, options)
    }

    /// The handler of a counter. One that exists costs no allocation and no shared lock.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series.handler(.counter, label, dimensions) { WholeCounter($0) }
    }

    /// The handler of a floating point counter.
    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series.handler(.floatingPointCounter, label, dimensions) { FractionCounter($0) }
    }

    /// The handler of a meter.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series.handler(.meter, label, dimensions) { GaugeMeter($0) }
    }

    /// The handler of a recorder: a histogram, or a gauge when `aggregate` is false.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        aggregate
            ? series.handler(.distribution, label, dimensions) { HistogramRecorder($0) }
            : series.handler(.lastValue, label, dimensions) { GaugeRecorder($0) }
    }

    /// The handler of a timer.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series.handler(.timer, label, dimensions) { HistogramTimer($0) }
    }

    /// Ends the series of the handler; whoever else holds it may go on using it.
    public func destroyCounter(_ handler: any CounterHandler) { series.remove(handler) }
    /// Ends the series of the handler; whoever else holds it may go on using it.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { series.remove(handler) }
    /// Ends the series of the handler; whoever else holds it may go on using it.
    public func destroyMeter(_ handler: any MeterHandler) { series.remove(handler) }
    /// Ends the series of the handler; whoever else holds it may go on using it.
    public func destroyRecorder(_ handler: any RecorderHandler) { series.remove(handler) }
    /// Ends the series of the handler; whoever else holds it may go on using it.
    public func destroyTimer(_ handler: any TimerHandler) { series.remove(handler) }
}
