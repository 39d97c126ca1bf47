internal import ExporterKit

/// Why a sample is not exposed; a label value.
enum DropReason: String, Sendable, CaseIterable {
    case null
    case notANumber = "not_a_number"
    case duplicate
    case seriesLimit = "series_limit"
    case wrongType = "wrong_type"
}

/// A value of the source before rules are applied to it.
enum RawValue: Sendable, Equatable {
    case number(Double)
    case histogram(HistogramSnapshot)
    case null
    /// Neither a number nor NULL.
    case other
}

/// What one run of a piece of work gave.
struct Findings: Sendable {
    /// Newest values by the place in the work where they come from. A place that gave no answer is absent: its last values
    /// stay until they are too old.
    var families: [Int: [MetricFamily]] = [:]
    /// Samples left out.
    var dropped: [DropReason: Int] = [:]
    /// What went wrong, if anything.
    var error: CollectorError?

    static func failed(_ error: CollectorError) -> Findings {
        var findings = Findings()
        findings.error = error
        return findings
    }

    mutating func drop(_ reason: DropReason, _ count: Int = 1) {
        dropped[reason, default: 0] += count
    }

    /// Takes the first of several errors.
    mutating func note(_ error: CollectorError) {
        if self.error == nil { self.error = error }
    }
}

/// Collects the samples of one metric by its rules: NULL, duplicates, the limit of series.
struct SampleAssembly {
    private let rule: MetricRule
    private let limit: Int
    private var order: [LabelSet] = []
    private var values: [LabelSet: SampleValue] = [:]
    private(set) var dropped: [DropReason: Int] = [:]
    private(set) var duplicate: LabelSet?

    init(_ rule: MetricRule, limit: Int) {
        self.rule = rule
        self.limit = limit
    }

    /// Takes one value. NaN is no value; infinities are.
    mutating func add(_ value: RawValue, _ labels: LabelSet?) {
        guard let labels else { return drop(.wrongType) }
        switch value {
        case .number(let number):
            if number.isNaN { drop(.notANumber) } else { add(.number(number), labels) }
        case .histogram(let histogram): add(.histogram(histogram), labels)
        case .null:
            if rule.nullIsZero, rule.descriptor.kind != .histogram { add(.number(0), labels) } else { drop(.null) }
        case .other: drop(.wrongType)
        }
    }

    private mutating func add(_ value: SampleValue, _ labels: LabelSet) {
        guard let present = values[labels] else {
            guard order.count < limit else { return drop(.seriesLimit) }
            order.append(labels)
            values[labels] = value
            return
        }
        switch (rule.onDuplicate, present, value) {
        case (.first, _, _): break
        case (.last, _, _): values[labels] = value
        case (.sum, .number(let one), .number(let other)): values[labels] = .number(one + other)
        case (.max, .number(let one), .number(let other)): values[labels] = .number(max(one, other))
        case (.sum, .histogram(let one), .histogram(let other)) where one.upperBounds == other.upperBounds:
            let counts = zip(one.counts, other.counts).map { $0 &+ $1 }
            let sum = HistogramSnapshot(upperBounds: one.upperBounds, counts: counts, sum: one.sum + other.sum)
            values[labels] = sum.map { .histogram($0) }
        default:
            if duplicate == nil { duplicate = labels }
            drop(.duplicate)
        }
    }

    private mutating func drop(_ reason: DropReason) { dropped[reason, default: 0] += 1 }

    /// Moves the result into the findings.
    func finish(into findings: inout Findings, at place: Int) {
        for (reason, count) in dropped { findings.drop(reason, count) }
        if duplicate != nil {
            let name = rule.descriptor.name
            findings.drop(.duplicate, order.count)
            findings.note(
                CollectorError(
                    .decode,
                    "\(name): several values for the same labels; add a label, or set on_duplicate to sum, first, last or max"
                ))
            return
        }
        let samples = order.compactMap { labels in values[labels].map { Sample($0, labels) } }
        findings.families[place, default: []].append(MetricFamily(rule.descriptor, samples))
    }
}

/// Label names and values of a group's metrics.
struct GroupLabels: Sendable {
    private let template: LabelTemplate?
    private let fixed: [String]

    /// - Parameter names: of the labels whose values come with each sample.
    init(_ names: [String], fixed: [(name: String, value: String)]) {
        template = LabelTemplate(names + fixed.map(\.name))
        self.fixed = fixed.map(\.value)
    }

    func callAsFunction(_ values: [String]) -> LabelSet? {
        template?.labels(values + fixed)
    }
}
