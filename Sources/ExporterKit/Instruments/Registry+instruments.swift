extension Registry {
    // MARK: - Counters

    /// A counter without labels.
    ///
    /// - Parameters:
    ///   - name: ends with `_total`.
    ///   - help: one sentence: what is counted.
    ///   - unit: base unit when the name has it before `_total`, for example `bytes`.
    public func counter(_ name: String, _ help: String, unit: String? = nil) -> Counter {
        counter(name, help, unit: unit, labels: []).instrument([])
    }

    /// A counter for each combination of label values.
    public func counter(
        _ name: String, _ help: String, unit: String? = nil, labels: [String], seriesLimit: Int? = nil
    ) -> LabeledFamily<Counter> {
        family(MetricDescriptor(name, help, kind: .counter, unit: unit), labels, limit: seriesLimit) { Counter($0) }
    }

    /// A counter that is read when somebody scrapes; `nil` gives no sample.
    public func counter(
        _ name: String, _ help: String, unit: String? = nil, reading value: @escaping @Sendable () -> Double?
    ) {
        callback(MetricDescriptor(name, help, kind: .counter, unit: unit), value)
    }

    // MARK: - Gauges

    /// A gauge without labels.
    public func gauge(_ name: String, _ help: String, unit: String? = nil) -> Gauge {
        gauge(name, help, unit: unit, labels: []).instrument([])
    }

    /// A gauge for each combination of label values.
    public func gauge(
        _ name: String, _ help: String, unit: String? = nil, labels: [String], seriesLimit: Int? = nil
    ) -> LabeledFamily<Gauge> {
        family(MetricDescriptor(name, help, kind: .gauge, unit: unit), labels, limit: seriesLimit) { _ in Gauge() }
    }

    /// A gauge that is read when somebody scrapes; `nil` gives no sample.
    public func gauge(
        _ name: String, _ help: String, unit: String? = nil, reading value: @escaping @Sendable () -> Double?
    ) {
        callback(MetricDescriptor(name, help, kind: .gauge, unit: unit), value)
    }

    private func callback(_ descriptor: MetricDescriptor, _ value: @escaping @Sendable () -> Double?) {
        onCollect { $0.add(descriptor, value()) }
    }

    // MARK: - Histograms

    /// A histogram without labels.
    public func histogram(
        _ name: String, _ help: String, unit: String? = nil, buckets: HistogramBuckets = .webLatency
    ) -> Histogram {
        histogram(name, help, unit: unit, labels: [], buckets: buckets).instrument([])
    }

    /// A histogram for each combination of label values.
    public func histogram(
        _ name: String, _ help: String, unit: String? = nil, labels: [String], buckets: HistogramBuckets = .webLatency,
        seriesLimit: Int? = nil
    ) -> LabeledFamily<Histogram> {
        let descriptor = MetricDescriptor(name, help, kind: .histogram, unit: unit)
        return family(descriptor, labels, limit: seriesLimit, shape: buckets) { Histogram(buckets, $0) }
    }

    /// A histogram of what is there now, such as the ages of a queue's jobs, without labels.
    public func gaugeHistogram(
        _ name: String, _ help: String, unit: String? = nil, buckets: HistogramBuckets
    ) -> GaugeHistogram {
        gaugeHistogram(name, help, unit: unit, labels: [], buckets: buckets).instrument([])
    }

    /// A histogram of what is there now for each combination of label values.
    public func gaugeHistogram(
        _ name: String, _ help: String, unit: String? = nil, labels: [String], buckets: HistogramBuckets,
        seriesLimit: Int? = nil
    ) -> LabeledFamily<GaugeHistogram> {
        let descriptor = MetricDescriptor(name, help, kind: .gaugeHistogram, unit: unit)
        return family(descriptor, labels, limit: seriesLimit, shape: buckets) { _ in GaugeHistogram(buckets) }
    }

    // MARK: - Summaries

    /// A summary without labels: count and sum, and quantiles of the last minutes where they are asked for.
    public func summary(
        _ name: String, _ help: String, unit: String? = nil, quantiles: SummaryQuantiles = .none
    ) -> Summary {
        summary(name, help, unit: unit, labels: [], quantiles: quantiles).instrument([])
    }

    /// A summary for each combination of label values.
    public func summary(
        _ name: String, _ help: String, unit: String? = nil, labels: [String], quantiles: SummaryQuantiles = .none,
        seriesLimit: Int? = nil
    ) -> LabeledFamily<Summary> {
        let descriptor = MetricDescriptor(name, help, kind: .summary, unit: unit)
        return family(descriptor, labels, limit: seriesLimit, shape: quantiles) { Summary(quantiles, $0) }
    }

    // MARK: - Facts and states

    /// Facts as labels, for example version and revision; the value is always 1.
    ///
    /// - Parameter name: ends with `_info`.
    public func info(_ name: String, _ help: String, _ facts: KeyValuePairs<String, String>) {
        let family = family(
            MetricDescriptor(name, help, kind: .info), facts.map(\.key), limit: 0
        ) { _ in Info() }
        _ = family.instrument(facts.map(\.value))
    }

    /// One of several states, without labels; each state is a series of 0 or 1, with a label of the metric's name.
    ///
    /// - Parameter states: all states; the first is the one at the beginning.
    public func stateSet(_ name: String, _ help: String, states: [String]) -> StateSet {
        stateSet(name, help, states: states, labels: []).instrument([])
    }

    /// One of several states for each combination of label values.
    public func stateSet(
        _ name: String, _ help: String, states: [String], labels: [String], seriesLimit: Int? = nil
    ) -> LabeledFamily<StateSet> {
        let descriptor = MetricDescriptor(name, help, kind: .stateset)
        return family(descriptor, labels, limit: seriesLimit, shape: states) { StateSet(name, states, $0) }
    }
}
