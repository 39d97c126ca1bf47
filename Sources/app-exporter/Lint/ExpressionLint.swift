internal import ExporterCommand
internal import ExporterKit

/// Looks for metrics and labels that are not there, and for sums that mean nothing.
struct ExpressionLint {
    /// Something wrong, by the word that is wrong.
    struct Problem {
        let word: String
        /// Of the word, in bytes from the beginning of the expression.
        let offset: Int
        let isError: Bool
        let text: String
    }

    let knowledge: MetricKnowledge
    private(set) var problems: [Problem] = []
    private var inference: LabelInference { LabelInference(knowledge: knowledge) }

    init(_ knowledge: MetricKnowledge) { self.knowledge = knowledge }

    /// Everything that is wrong with an expression, in its order.
    static func problems(of text: String, _ knowledge: MetricKnowledge) -> [Problem] {
        do throws(PromError) {
            var lint = ExpressionLint(knowledge)
            lint.walk(try PromParser.expression(text))
            return lint.problems.sorted { $0.offset < $1.offset }
        } catch {
            return [
                Problem(word: word(of: text, at: error.offset), offset: error.offset, isError: true, text: error.text)
            ]
        }
    }

    private mutating func walk(_ expression: PromExpression) {
        switch expression {
        case .number, .string, .variable: break
        case .selector(let selector): check(selector)
        case .unary(let inner), .subquery(let inner): walk(inner)
        case .call(let name, let arguments):
            for argument in arguments { walk(argument) }
            check(name, arguments)
        case .aggregation(_, let grouping, let arguments):
            for argument in arguments { walk(argument) }
            guard let grouping, let inner = arguments.last else { break }
            check(grouping.labels, in: inference.labels(of: inner), grouping.isWithout ? "without" : "by")
        case .binary(let sign, let left, let right, let matching):
            walk(left)
            walk(right)
            check(sign, left, right, matching)
        }
    }

    // MARK: - Metrics and labels

    private mutating func check(_ selector: PromSelector) {
        guard let name = selector.metricName else { return }
        guard let metric = knowledge.find(name) else {
            return error(name, selector.offset, "nobody emits the metric \(name)\(knowledge.hint(name))")
        }
        guard let labels = metric.labels?.union(knowledge.external) else { return }
        for matcher in selector.matchers where matcher.label.text != "__name__" && !matcher.label.text.contains("$") {
            guard !labels.contains(matcher.label.text) else { continue }
            error(matcher.label, "\(name) has no label \(matcher.label.text)\(hint(matcher.label.text, labels))")
        }
    }

    private mutating func check(_ names: [PromName], in labels: Set<String>?, _ place: String) {
        guard let labels else { return }
        for name in names where !labels.contains(name.text) {
            error(name, "\(place): there is no label \(name.text) here\(hint(name.text, labels))")
        }
    }

    private mutating func check(
        _ sign: PromName, _ left: PromExpression, _ right: PromExpression, _ matching: PromMatching
    ) {
        let (one, other) = (inference.labels(of: left), inference.labels(of: right))
        let both = one.flatMap { one in other.map { one.union($0) } }
        check(matching.labels, in: both, matching.isOn ? "on" : "ignoring")
        if let group = matching.group {
            check(matching.included, in: group == "group_left" ? other : one, group)
        }
        guard [">", "<", ">=", "<="].contains(sign.text) else { return }
        for (side, against) in [(left, right), (right, left)] where LabelInference.isScalar(against) {
            guard let name = rawCounter(side) else { continue }
            warn(
                name,
                "\(name.text) is a counter: compared with a number it stays true until the process restarts; "
                    + "write increase(\(name.text)[5m])")
        }
    }

    private func hint(_ label: String, _ labels: Set<String>) -> String {
        let known = labels.subtracting(knowledge.external).sorted()
        let hint = Nearest.hint(label, among: labels.sorted())
        if !hint.isEmpty { return hint }
        return known.isEmpty ? "; it has none" : "; there are \(known.joined(separator: ", "))"
    }

    // MARK: - Kinds

    private mutating func check(_ function: PromName, _ arguments: [PromExpression]) {
        for case .selector(let selector) in arguments where selector.hasRange {
            guard let name = selector.metricName, let kind = knowledge.find(name)?.kind else { continue }
            let place = PromName(text: name, offset: selector.offset)
            if PromFunctions.ofCounters.contains(function.text), kind == .gauge || kind == .info || kind == .stateset {
                warn(
                    place,
                    "\(function.text)() of \(name), which is a \(kind.rawValue): every fall counts as a restart; use delta()"
                )
            } else if PromFunctions.ofGauges.contains(function.text), kind == .counter {
                warn(
                    place,
                    "\(function.text)() of \(name), which is a counter: a restart gives a wrong fall; use increase()")
            }
        }
    }

    /// The counter that an expression is, without a rate in between.
    private func rawCounter(_ expression: PromExpression) -> PromName? {
        switch expression {
        case .selector(let selector):
            guard !selector.hasRange, let name = selector.metricName, knowledge.find(name)?.kind == .counter else {
                return nil
            }
            return PromName(text: name, offset: selector.offset)
        case .aggregation(let name, _, let arguments):
            guard ["sum", "min", "max", "avg", "topk", "bottomk"].contains(name.text) else { return nil }
            return arguments.last.flatMap { rawCounter($0) }
        default: return nil
        }
    }

    // MARK: - Problems

    private mutating func error(_ name: PromName, _ text: String) { error(name.text, name.offset, text) }

    private mutating func error(_ word: String, _ offset: Int, _ text: String) {
        problems.append(Problem(word: word, offset: offset, isError: true, text: text))
    }

    private mutating func warn(_ name: PromName, _ text: String) {
        problems.append(Problem(word: name.text, offset: name.offset, isError: false, text: text))
    }

    private static func word(of text: String, at offset: Int) -> String {
        String(decoding: Array(text.utf8).dropFirst(offset).prefix { PromLexer.isWordByte($0) }, as: UTF8.self)
    }
}
