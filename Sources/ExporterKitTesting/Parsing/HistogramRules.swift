internal import ExporterKit

/// Buckets, count and sum of each histogram of a family agree.
struct HistogramRules {
    /// One histogram: the samples with the same labels but `le`.
    private struct Group {
        let line: Int
        var bounds: [Double] = []
        var lastBucket = 0.0
        var sum: Double?
        var count: Double?
    }

    private let family: Exposition.Family
    private let lines: [Int]
    private let syntax: Exposition.Syntax

    init(_ family: Exposition.Family, lines: [Int], syntax: Exposition.Syntax) {
        self.family = family
        self.lines = lines
        self.syntax = syntax
    }

    func check() throws(ExpositionError) {
        var groups: [SeriesKey: Group] = [:]
        var order: [SeriesKey] = []
        for (sample, line) in zip(family.samples, lines) {
            var labels = sample.labels
            if sample.name == family.name + "_bucket" { labels["le"] = nil }
            let key = SeriesKey("", labels)
            if groups[key] == nil { order.append(key) }
            if let problem = add(sample, to: &groups[key, default: Group(line: line)]) {
                throw ExpositionError(line: line, column: 1, problem)
            }
        }
        for key in order {
            guard let group = groups[key], let problem = problem(of: group) else { continue }
            throw ExpositionError(line: group.line, column: 1, problem)
        }
    }

    private func add(_ sample: Exposition.Sample, to group: inout Group) -> String? {
        switch sample.name.dropFirst(family.name.count) {
        case "_bucket":
            guard let text = sample.labels["le"], let bound = NumberGrammar.number(text), !bound.isNaN else {
                return "a bucket has a number as label le"
            }
            guard group.bounds.last.map({ $0 < bound }) ?? true else { return "the bucket \(text) is not in its place" }
            guard sample.value >= group.lastBucket else { return "the bucket \(text) is less than the one below it" }
            group.bounds.append(bound)
            group.lastBucket = sample.value
        case "_sum", "_gsum": group.sum = sample.value
        case "_count", "_gcount": group.count = sample.value
        default: break
        }
        return nil
    }

    private func problem(of group: Group) -> String? {
        guard group.bounds.last == .infinity else { return "the histogram has no bucket +Inf" }
        if let count = group.count, count != group.lastBucket {
            return "the count \(count.shown) is not the bucket +Inf, \(group.lastBucket.shown)"
        }
        if syntax == .text {
            return group.count == nil || group.sum == nil ? "the histogram has no sum or no count" : nil
        }
        guard family.kind == .histogram else { return nil }
        guard (group.count == nil) == (group.sum == nil) else { return "a histogram has both sum and count or neither" }
        if group.sum != nil, group.bounds[0] < 0 { return "a histogram with negative bounds has no sum" }
        return nil
    }
}
