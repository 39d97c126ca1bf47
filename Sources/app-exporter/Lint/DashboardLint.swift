internal import ExporterCommand

/// A dashboard of Grafana: the expressions of its panels, variables and annotations.
struct Dashboard {
    let file: LintFile
    private let root: JSONDocument

    init(_ file: LintFile) throws(ConfigurationError) {
        self.file = file
        let document = try JSONDocument(file)
        // As the API of Grafana wraps it.
        root = document["dashboard"] ?? document
        guard root["panels"] != nil || root["rows"] != nil || root["templating"] != nil else {
            throw ConfigurationError("this is no dashboard: there are neither panels nor rows in it", at: file.name)
        }
    }

    /// What is wrong in the file.
    func findings(_ knowledge: MetricKnowledge) -> [LintFinding] {
        var findings: [LintFinding] = []
        walk(root, knowledge, into: &findings)
        for variable in root["templating"]?["list"]?.items ?? [] where variable["type"]?.text == "query" {
            guard Self.isPrometheus(variable), let query = variable["query"] else { continue }
            let node = query.text == nil ? query["query"] ?? query : query
            if let text = node.text { findings += check(variable: text, node.offset, knowledge) }
        }
        return findings
    }

    /// Every `expr`, wherever it is: panels lie in rows, rows in panels.
    private func walk(_ document: JSONDocument, _ knowledge: MetricKnowledge, into findings: inout [LintFinding]) {
        switch document.value {
        case .array(let items): for item in items { walk(item, knowledge, into: &findings) }
        case .object(let members):
            guard Self.isPrometheus(document) else { return }
            if let node = document["expr"], let text = node.text, !text.allSatisfy(\.isWhitespace) {
                findings += check(text, node.offset, knowledge)
            }
            for member in members where member.key != "expr" { walk(member.value, knowledge, into: &findings) }
        case .string, .other: break
        }
    }

    private static func isPrometheus(_ document: JSONDocument) -> Bool {
        guard let type = document["datasource"]?["type"]?.text else { return true }
        return ["prometheus", "datasource", "grafana", "mixed"].contains(type) || type.hasPrefix("$")
    }

    private func check(_ text: String, _ start: Int, _ knowledge: MetricKnowledge) -> [LintFinding] {
        ExpressionLint.problems(of: text, knowledge).map { problem in
            LintFinding(
                place: file.place(of: problem.word, at: problem.offset, in: text, from: start),
                isError: problem.isError, text: problem.text)
        }
    }

    // MARK: - Variables

    /// `label_values(metric, label)`, `label_values(label)`, `query_result(expr)`, `metrics(pattern)`, or an expression.
    private func check(variable text: String, _ start: Int, _ knowledge: MetricKnowledge) -> [LintFinding] {
        let trimmed = String(text.drop(while: \.isWhitespace))
        guard let inner = Self.argument(of: "label_values", trimmed) else {
            if Self.argument(of: "metrics", trimmed) != nil || Self.argument(of: "label_names", trimmed) != nil {
                return []
            }
            return check(Self.argument(of: "query_result", trimmed).map(String.init) ?? trimmed, start, knowledge)
        }
        guard let comma = inner.lastIndex(of: ",") else { return [] }
        let expression = String(inner[..<comma])
        let label = inner[inner.index(after: comma)...].filter { !$0.isWhitespace }
        var findings = check(expression, start, knowledge)
        if let parsed = try? PromParser.expression(expression),
            let labels = LabelInference(knowledge: knowledge).labels(of: parsed), !labels.contains(label),
            !label.contains("$"), label != "__name__"
        {
            let place = file.place(of: label, at: inner.utf8.count - label.utf8.count, in: String(inner), from: start)
            findings.append(
                LintFinding(
                    place: place, isError: true,
                    text: "label_values: there is no label \(label) here\(Nearest.hint(label, among: labels.sorted()))")
            )
        }
        return findings
    }

    private static func argument(of function: String, _ text: String) -> Substring? {
        guard text.hasPrefix("\(function)("), let end = text.lastIndex(of: ")") else { return nil }
        return text[text.index(text.startIndex, offsetBy: function.count + 1)..<end]
    }
}
