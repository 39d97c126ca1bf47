internal import ExporterCommand

/// A file of recording and alert rules, as Prometheus reads it.
struct RuleFile {
    /// One rule.
    struct Rule {
        /// The name that is recorded; `nil` for an alert.
        let record: String?
        let expression: YAMLNode
        let text: String
        /// Labels it adds.
        let labels: [String]
        /// Texts with templates: labels and annotations.
        let templates: [YAMLNode]
    }

    let file: LintFile
    private(set) var rules: [Rule] = []

    init(_ file: LintFile) throws(ConfigurationError) {
        self.file = file
        var map = try YAMLDocument(bytes: file.bytes, name: file.name).root.mapping("a file of rules")
        for group in try map.sequence("groups") {
            var group = try group.mapping("a group of rules")
            guard let nodes = group.optionalNode("rules") else { continue }
            for node in try nodes.sequence() { rules.append(try Self.rule(node)) }
        }
    }

    private static func rule(_ node: YAMLNode) throws(ConfigurationError) -> Rule {
        var map = try node.mapping("a rule")
        let record = try map.optionalString("record")
        if record == nil { _ = try map.string("alert") }
        let expression = try map.node("expr")
        let labels = try map.optionalNode("labels")?.entries() ?? []
        let annotations = try map.optionalNode("annotations")?.entries() ?? []
        return Rule(
            record: record, expression: expression, text: try expression.string(), labels: labels.map(\.key),
            templates: (labels + annotations).map(\.value))
    }

    /// What the rules of several files record, with its labels: a rule may build on any other.
    static func record(_ files: [RuleFile], into knowledge: inout MetricKnowledge) {
        let recording = files.flatMap(\.rules).filter { $0.record != nil }
        for rule in recording { knowledge.record(rule.record ?? "", nil) }
        for _ in 0..<4 {
            var labels: [String: Set<String>?] = [:]
            for rule in recording {
                guard let name = rule.record, let expression = try? PromParser.expression(rule.text) else { continue }
                let own = LabelInference(knowledge: knowledge).labels(of: expression).map { $0.union(rule.labels) }
                // Several rules may record the same name.
                let present = labels[name] ?? .some([])
                labels[name] = .some(present.flatMap { one in own.map { one.union($0) } })
            }
            for (name, labels) in labels { knowledge.record(name, labels) }
        }
    }

    /// What is wrong in the file.
    func findings(_ knowledge: MetricKnowledge) -> [LintFinding] {
        var findings: [LintFinding] = []
        for rule in rules {
            let start = file.offset(of: rule.expression.position)
            for problem in ExpressionLint.problems(of: rule.text, knowledge) {
                let place = file.place(of: problem.word, at: problem.offset, in: rule.text, from: start)
                findings.append(LintFinding(place: place, isError: problem.isError, text: problem.text))
            }
            guard let expression = try? PromParser.expression(rule.text),
                let labels = LabelInference(knowledge: knowledge).labels(of: expression)?.union(rule.labels)
            else { continue }
            for template in rule.templates { findings += check(template, labels) }
        }
        return findings
    }

    /// `{{ $labels.instance }}` in a text.
    private func check(_ node: YAMLNode, _ labels: Set<String>) -> [LintFinding] {
        guard case .scalar(let scalar) = node.content else { return [] }
        var findings: [LintFinding] = []
        for prefix in ["$labels.", ".Labels."] {
            for part in scalar.text.components(after: prefix) {
                let label = String(decoding: part.utf8.prefix { PromLexer.isWordByte($0) }, as: UTF8.self)
                guard !label.isEmpty, !labels.contains(label) else { continue }
                let place = file.place(of: label, at: 0, in: "", from: file.offset(of: node.position))
                let hint = Nearest.hint(label, among: labels.sorted())
                findings.append(
                    LintFinding(place: place, isError: true, text: "the result has no label \(label)\(hint)"))
            }
        }
        return findings
    }
}

extension String {
    /// What follows each occurrence of a text.
    fileprivate func components(after text: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = self[...]
        while let range = rest.firstRange(of: text) {
            rest = rest[range.upperBound...]
            parts.append(rest)
        }
        return parts
    }
}
