/// Which labels the result of an expression can have.
struct LabelInference {
    let knowledge: MetricKnowledge

    /// - Returns: `nil` when that cannot be told.
    func labels(of expression: PromExpression) -> Set<String>? {
        switch expression {
        case .number, .string: []
        case .variable: nil
        case .selector(let selector): labels(of: selector)
        case .unary(let inner), .subquery(let inner): labels(of: inner)
        case .call(let name, let arguments): labels(of: name.text, arguments)
        case .aggregation(let name, let grouping, let arguments): labels(of: name.text, grouping, arguments)
        case .binary(let sign, let left, let right, let matching): labels(of: sign.text, left, right, matching)
        }
    }

    private func labels(of selector: PromSelector) -> Set<String>? {
        guard let name = selector.metricName else { return nil }
        return knowledge.find(name)?.labels.map { $0.union(knowledge.external) }
    }

    private func labels(of function: String, _ arguments: [PromExpression]) -> Set<String>? {
        switch function {
        case "scalar", "time", "vector", "pi": return []
        case "absent", "absent_over_time": return nil
        case "label_replace", "label_join":
            guard arguments.count > 1, let inner = labels(of: arguments[0]) else { return nil }
            guard case .string(let target) = arguments[1] else { return nil }
            return inner.union([target])
        case "histogram_quantile", "histogram_fraction":
            return arguments.last.flatMap { labels(of: $0) }?.subtracting(["le"])
        default:
            // Of the arguments one is a vector, the others are numbers and texts.
            var all: Set<String> = []
            for argument in arguments {
                guard let own = labels(of: argument) else { return nil }
                all.formUnion(own)
            }
            return all
        }
    }

    private func labels(
        of aggregation: String, _ grouping: PromGrouping?, _ arguments: [PromExpression]
    ) -> Set<String>? {
        let inner = arguments.last.flatMap { labels(of: $0) }
        if ["topk", "bottomk", "limitk", "limit_ratio"].contains(aggregation) { return inner }
        var added: Set<String> = []
        if aggregation == "count_values", case .string(let label)? = arguments.first { added = [label] }
        guard let grouping else { return added }
        let named = Set(grouping.labels.map(\.text))
        if grouping.isWithout { return inner.map { $0.subtracting(named).union(added) } }
        return (inner.map { $0.intersection(named) } ?? named).union(added)
    }

    private func labels(
        of sign: String, _ left: PromExpression, _ right: PromExpression, _ matching: PromMatching
    ) -> Set<String>? {
        if sign == "and" || sign == "unless" { return labels(of: left) }
        guard let (one, other) = both(left, right) else { return nil }
        switch sign {
        case "or": return one.union(other)
        default: break
        }
        if Self.isScalar(left) { return other }
        if Self.isScalar(right) { return one }
        let included = Set(matching.included.map(\.text))
        switch matching.group {
        case "group_left": return one.union(included)
        case "group_right": return other.union(included)
        default: break
        }
        let named = Set(matching.labels.map(\.text))
        if matching.isOn { return one.intersection(named) }
        return one.subtracting(named)
    }

    private func both(_ left: PromExpression, _ right: PromExpression) -> (Set<String>, Set<String>)? {
        guard let one = labels(of: left), let other = labels(of: right) else { return nil }
        return (one, other)
    }

    static func isScalar(_ expression: PromExpression) -> Bool {
        switch expression {
        case .number: true
        case .call(let name, _): ["scalar", "time", "pi"].contains(name.text)
        case .unary(let inner): isScalar(inner)
        case .binary(_, let left, let right, _): isScalar(left) && isScalar(right)
        default: false
        }
    }
}

extension PromSelector {
    /// The metric's name, also where it is written as `{__name__="…"}`; `nil` when it cannot be told.
    var metricName: String? {
        if hasVariableName { return nil }
        return name
            ?? matchers.first { $0.label.text == "__name__" && $0.sign == "=" && !$0.value.contains("$") }?.value
    }
}
