public import ExporterKit

extension Exposition {
    /// The exposition of families as a source has them, without going through text.
    ///
    /// - Parameters:
    ///   - families: of one source or several; nothing is left out, not even what a scrape would drop as a duplicate, and
    ///     no name is escaped.
    ///   - syntax: whose names and types to use.
    public init(_ families: [MetricFamily], as syntax: Syntax = .text) {
        self.init(families.map { FamilyLines($0.descriptor, syntax).family(of: $0.samples) }, as: syntax)
    }
}

/// What the lines of a family will be.
private struct FamilyLines {
    private let descriptor: MetricDescriptor
    private let syntax: Exposition.Syntax
    private let name: String
    private let kind: MetricKind

    init(_ descriptor: MetricDescriptor, _ syntax: Exposition.Syntax) {
        self.descriptor = descriptor
        self.syntax = syntax
        let full = descriptor.name
        switch (syntax, descriptor.kind) {
        case (.text, .info), (.text, .stateset): (name, kind) = (full, .gauge)
        case (.text, .gaugeHistogram): (name, kind) = (full, .histogram)
        case (.openMetrics, .counter) where full.hasSuffix("_total"):
            (name, kind) = (String(full.dropLast("_total".count)), .counter)
        case (.openMetrics, .info) where full.hasSuffix("_info"):
            (name, kind) = (String(full.dropLast("_info".count)), .info)
        // OpenMetrics demands the suffix; without it nothing is said about the kind.
        case (.openMetrics, .counter), (.openMetrics, .info): (name, kind) = (full, .unknown)
        default: (name, kind) = (full, descriptor.kind)
        }
    }

    func family(of samples: [Sample]) -> Exposition.Family {
        let hasUnit = syntax == .openMetrics && kind != .info && kind != .stateset
        let unit = descriptor.unit.flatMap { hasUnit && name.hasSuffix("_\($0)") ? $0 : nil }
        return Exposition.Family(
            name, kind: kind, help: descriptor.help.isEmpty ? nil : descriptor.help, unit: unit,
            samples: samples.flatMap(lines))
    }

    private func lines(of sample: Sample) -> [Exposition.Sample] {
        var labels: [String: String] = [:]
        for pair in sample.labels.pairs { labels[pair.name] = pair.value }
        switch sample.value {
        case .number(let value):
            return [Exposition.Sample(descriptor.name, labels, value: value)]
        case .counter(let counter):
            let exemplar = exemplar(counter.exemplar)
            let sum = Exposition.Sample(descriptor.name, labels, value: counter.value, exemplar: exemplar)
            return [sum] + created(counter.created, labels)
        case .histogram(let histogram):
            return buckets(of: histogram, labels) + totals(of: histogram, labels) + created(histogram.created, labels)
        case .summary(let summary):
            let quantiles = summary.quantiles.map { quantile in
                line("", labels.merging(["quantile": quantile.label]) { $1 }, quantile.value)
            }
            let sum = summary.sum.flatMap { syntax == .text || $0 >= 0 ? line("_sum", labels, $0) : nil }
            let count = summary.count.map { line("_count", labels, Double($0)) }
            return quantiles + [sum, count].compactMap(\.self) + created(summary.created, labels)
        }
    }

    private func line(_ suffix: String, _ labels: [String: String], _ value: Double) -> Exposition.Sample {
        Exposition.Sample(name + suffix, labels, value: value)
    }

    private func buckets(of histogram: HistogramSnapshot, _ labels: [String: String]) -> [Exposition.Sample] {
        var sum: UInt64 = 0
        return histogram.counts.enumerated().map { index, count in
            sum &+= count
            let bound = index < histogram.upperBounds.count ? histogram.upperBounds[index] : .infinity
            let own = index < histogram.exemplars.count ? histogram.exemplars[index] : nil
            return Exposition.Sample(
                name + "_bucket", labels.merging(["le": bound.shown]) { $1 }, value: Double(sum),
                exemplar: exemplar(own))
        }
    }

    /// A sum is a counter in OpenMetrics: there is none where observations may be negative, and no count without it.
    private func totals(of histogram: HistogramSnapshot, _ labels: [String: String]) -> [Exposition.Sample] {
        let isCounter = histogram.sum >= 0 && !((histogram.upperBounds.first ?? 0) < 0)
        guard syntax == .text || kind == .gaugeHistogram || isCounter else { return [] }
        let mark = kind == .gaugeHistogram ? "_g" : "_"
        return [
            line(mark + "sum", labels, histogram.sum), line(mark + "count", labels, Double(histogram.count)),
        ]
    }

    private func created(_ seconds: Double?, _ labels: [String: String]) -> [Exposition.Sample] {
        guard syntax == .openMetrics, kind != .unknown, let seconds else { return [] }
        return [line("_created", labels, milliseconds(seconds))]
    }

    /// Times are exposed to the millisecond.
    private func milliseconds(_ seconds: Double) -> Double { (seconds * 1000).rounded() / 1000 }

    private func exemplar(_ exemplar: Exemplar?) -> Exposition.Exemplar? {
        guard syntax == .openMetrics, kind != .unknown, let exemplar else { return nil }
        var labels: [String: String] = [:]
        for pair in exemplar.labels.pairs { labels[pair.name] = pair.value }
        return Exposition.Exemplar(labels, value: exemplar.value, timestamp: milliseconds(exemplar.timestamp))
    }
}
