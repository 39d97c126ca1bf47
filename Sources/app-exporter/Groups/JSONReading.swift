internal import ExporterKit

/// Values out of the pages of one answer, gathered until the last page is read: a plain value that travels between the
/// pages, so that nothing is shown of an answer that breaks off.
struct JSONReading: Sendable {
    /// What the pages so far have given for one metric.
    private struct Gathering: Sendable {
        var assembly: SampleAssembly
        var order: [[String]] = []
        var groups: [[String]: ReducedValue] = [:]
        var error: CollectorError?
    }
    private let question: JSONQuestion
    private let sets: [GroupLabels]
    private var gatherings: [Gathering]
    private(set) var itemCount = 0

    /// Items that one answer may have, all pages together.
    static let maximumItems = 100_000

    init(_ question: JSONQuestion, labels: [(name: String, value: String)], limit: Int) {
        self.question = question
        sets = question.metrics.map { GroupLabels($0.labels.map(\.name), fixed: labels) }
        gatherings = question.metrics.map { metric in
            var gathering = Gathering(assembly: SampleAssembly(metric.rule, limit: limit))
            // Nothing to count is the number 0, where there is no label that would have to be guessed.
            if metric.labels.isEmpty, metric.reduction == .count || metric.reduction == .sum {
                gathering.order = [[]]
                gathering.groups = [[]: ReducedValue()]
            }
            return gathering
        }
    }

    /// Takes a page. Runs on one thread from beginning to end.
    ///
    /// - Returns: where the next page is, by the question's paging; `nil` behind the last one.
    mutating func take(_ body: [UInt8]) throws(JqError) -> PageMark? {
        let root = try JqValue(parsing: body)
        let items = try question.items.outputs(of: root, limit: Self.maximumItems - itemCount)
        itemCount += items.count
        for index in question.metrics.indices where gatherings[index].error == nil {
            do throws(JqError) { try gather(items, index) } catch {
                let name = question.metrics[index].rule.descriptor.name
                gatherings[index].error = CollectorError(.decode, "\(name): \(error)")
            }
        }
        return try question.paging?.mark(in: root, items: items.count)
    }

    private mutating func gather(_ items: [JqValue], _ index: Int) throws(JqError) {
        let (metric, set) = (question.metrics[index], sets[index])
        for item in items {
            let raw = try metric.raw(item)
            guard let labels = try metric.labels(of: item) else {
                gatherings[index].assembly.add(.other, nil)
                continue
            }
            guard metric.reduction != nil else {
                gatherings[index].assembly.add(raw, set(labels))
                continue
            }
            let number: Double
            switch raw {
            case .number(let value) where !value.isNaN: number = value
            case .null where metric.rule.nullIsZero: number = 0
            default:
                gatherings[index].assembly.add(raw, set(labels))
                continue
            }
            if gatherings[index].groups[labels] == nil { gatherings[index].order.append(labels) }
            gatherings[index].groups[labels, default: ReducedValue()].add(number)
        }
    }

    /// What all pages gave. A metric that could not be read costs only itself.
    func findings() -> Findings {
        var findings = Findings()
        for (place, gathering) in gatherings.enumerated() {
            if let error = gathering.error {
                findings.note(error)
                continue
            }
            var assembly = gathering.assembly
            if let reduction = question.metrics[place].reduction {
                for labels in gathering.order {
                    guard let value = gathering.groups[labels]?.value(of: reduction) else { continue }
                    assembly.add(.number(value), sets[place](labels))
                }
            }
            assembly.finish(into: &findings, at: place)
        }
        return findings
    }
}

/// Count, sum and the like of values that come one by one.
struct ReducedValue: Sendable {
    private var count = 0
    private var sum = 0.0
    private var first = 0.0
    private var last = 0.0
    private var smallest = Double.infinity
    private var largest = -Double.infinity

    mutating func add(_ value: Double) {
        if count == 0 { first = value }
        count += 1
        sum += value
        last = value
        smallest = Swift.min(smallest, value)
        largest = Swift.max(largest, value)
    }

    /// - Returns: `nil` for what has no value without values.
    func value(of reduction: Reduction) -> Double? {
        switch reduction {
        case .count: Double(count)
        case .sum: sum
        case .min: count == 0 ? nil : smallest
        case .max: count == 0 ? nil : largest
        case .avg: count == 0 ? nil : sum / Double(count)
        case .first: count == 0 ? nil : first
        case .last: count == 0 ? nil : last
        }
    }
}

extension JSONMetric {
    /// The value of an item: exactly one output of the expression. 1 for `reduce: count`.
    fileprivate func raw(_ item: JqValue) throws(JqError) -> RawValue {
        guard let value else { return .number(1) }
        switch try value.one(of: item) {
        case .number(let number): return .number(number)
        case .bool(let isTrue): return .number(isTrue ? 1 : 0)
        case .null, nil: return .null
        case .text, .compound: return .other
        }
    }

    /// Label values of an item; `nil` when one is an array or object.
    fileprivate func labels(of item: JqValue) throws(JqError) -> [String]? {
        var values: [String] = []
        for label in labels {
            guard let text = (try label.value.one(of: item) ?? .null).labelText else { return nil }
            values.append(text)
        }
        return values
    }
}

extension JqProgram {
    /// The only output, `nil` for none.
    func one(of item: JqValue) throws(JqError) -> JSONScalar? {
        try outputs(of: item, limit: 1).first?.scalar
    }
}
