internal import CurlClient
internal import ExporterKit

/// A GET whose JSON answer is cut into items by jq.
struct JSONAsker: GroupAsker {
    let question: JSONQuestion
    let labels: [(name: String, value: String)]
    let limit: Int
    let source: HTTPSource
    let worker: JqWorker

    /// Items that one answer may have.
    static let maximumItems = 100_000

    func ask(until deadline: ContinuousClock.Instant) async -> Findings {
        do throws(CollectorError) {
            let answer = try await source.get(question.path, until: deadline)
            let (question, labels, limit) = (question, labels, limit)
            let read = await worker.run(until: deadline) { () -> Result<Findings, CollectorError> in
                Self.read(answer.body, question, labels: labels, limit: limit)
            }
            return try read.get()
        } catch {
            return .failed(error)
        }
    }

    /// Makes samples of a body. Runs on one thread from beginning to end.
    static func read(
        _ body: [UInt8], _ question: JSONQuestion, labels: [(name: String, value: String)], limit: Int
    ) -> Result<Findings, CollectorError> {
        let items: [JqValue]
        do throws(JqError) {
            items = try question.items.outputs(of: JqValue(parsing: body), limit: maximumItems)
        } catch {
            return .failure(CollectorError(.decode, "GET \(question.pathOnly): \(error)"))
        }
        var findings = Findings()
        for (place, metric) in question.metrics.enumerated() {
            do throws(JqError) {
                let set = GroupLabels(metric.labels.map(\.name), fixed: labels)
                var assembly = SampleAssembly(metric.rule, limit: limit)
                if let reduction = metric.reduction {
                    try reduce(items, metric, reduction, set, into: &assembly)
                } else {
                    for item in items {
                        assembly.add(try metric.raw(item), try metric.labels(of: item).flatMap { set($0) })
                    }
                }
                assembly.finish(into: &findings, at: place)
            } catch {
                findings.note(CollectorError(.decode, "\(metric.rule.descriptor.name): \(error)"))
            }
        }
        return .success(findings)
    }

    private static func reduce(
        _ items: [JqValue], _ metric: JSONMetric, _ reduction: Reduction, _ set: GroupLabels,
        into assembly: inout SampleAssembly
    ) throws(JqError) {
        var order: [[String]] = []
        var groups: [[String]: [Double]] = [:]
        // Nothing to count is the number 0, where there is no label that would have to be guessed.
        if metric.labels.isEmpty, reduction == .count || reduction == .sum {
            order = [[]]
            groups = [[]: []]
        }
        for item in items {
            guard let labels = try metric.labels(of: item) else {
                assembly.add(.other, set(Array(repeating: "", count: metric.labels.count)))
                continue
            }
            let raw = try metric.raw(item)
            let number: Double
            switch raw {
            case .number(let value) where !value.isNaN: number = value
            case .null where metric.rule.nullIsZero: number = 0
            default:
                assembly.add(raw, set(labels))
                continue
            }
            if groups[labels] == nil { order.append(labels) }
            groups[labels, default: []].append(number)
        }
        for labels in order {
            guard let value = reduction.of(groups[labels] ?? []) else { continue }
            assembly.add(.number(value), set(labels))
        }
    }
}

extension JSONQuestion {
    /// Without the query, which may hold a key.
    var pathOnly: Substring { path.prefix { $0 != "?" } }
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

extension Reduction {
    /// - Returns: `nil` for what has no value without values.
    func of(_ values: [Double]) -> Double? {
        switch self {
        case .count: Double(values.count)
        case .sum: values.reduce(0, +)
        case .min: values.min()
        case .max: values.max()
        case .avg: values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        case .first: values.first
        case .last: values.last
        }
    }
}
