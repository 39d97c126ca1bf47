internal import CoreMetrics
internal import ExporterKit

final class WholeCounter: CounterHandler, SeriesHandler {
    let series: OpenSeries<ExporterKit.Counter>
    private let counter: ExporterKit.Counter

    init(_ series: OpenSeries<ExporterKit.Counter>) {
        self.series = series
        counter = series.instrument
    }

    func increment(by amount: Int64) { counter.increment(by: Int(amount)) }
    func reset() { counter.reset() }
}

final class FractionCounter: FloatingPointCounterHandler, SeriesHandler {
    let series: OpenSeries<ExporterKit.Counter>

    init(_ series: OpenSeries<ExporterKit.Counter>) { self.series = series }

    func increment(by amount: Double) { series.instrument.increment(by: amount) }
    func reset() { series.instrument.reset() }
}

final class GaugeMeter: MeterHandler, SeriesHandler {
    let series: OpenSeries<ExporterKit.Gauge>

    init(_ series: OpenSeries<ExporterKit.Gauge>) { self.series = series }

    func set(_ value: Int64) { series.instrument.set(Double(value)) }
    func set(_ value: Double) { series.instrument.set(value) }
    func increment(by amount: Double) { series.instrument.add(amount) }
    func decrement(by amount: Double) { series.instrument.add(-amount) }
}

final class GaugeRecorder: RecorderHandler, SeriesHandler {
    let series: OpenSeries<ExporterKit.Gauge>

    init(_ series: OpenSeries<ExporterKit.Gauge>) { self.series = series }

    func record(_ value: Int64) { series.instrument.set(Double(value)) }
    func record(_ value: Double) { series.instrument.set(value) }
}

final class HistogramRecorder: RecorderHandler, SeriesHandler {
    let series: OpenSeries<Histogram>

    init(_ series: OpenSeries<Histogram>) { self.series = series }

    func record(_ value: Int64) { series.instrument.observe(Double(value)) }
    func record(_ value: Double) { series.instrument.observe(value) }
}

final class HistogramTimer: TimerHandler, SeriesHandler {
    let series: OpenSeries<Histogram>

    init(_ series: OpenSeries<Histogram>) { self.series = series }

    /// A negative duration, as clocks that were set back give, counts as 0 and is reported.
    func recordNanoseconds(_ duration: Int64) {
        if duration >= 0 {
            series.instrument.observe(Double(duration) / 1e9)
        } else {
            series.instrument.observe(Duration.nanoseconds(duration))
        }
    }
}
