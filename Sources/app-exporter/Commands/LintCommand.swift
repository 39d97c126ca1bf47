internal import ExporterCommand

/// `app-exporter lint`: are the metrics and labels that rules and dashboards use emitted by anybody?
enum LintCommand {
    static let command = ProgramCommand(
        "lint",
        "Looks for metrics and labels that rules or dashboards use and nobody emits. Exit status: 0 fine, 1 warnings, "
            + "2 errors, 3 a file cannot be read.",
        words: "RULES... DASHBOARDS...",
        flags: [
            .strings(
                "known",
                help:
                    "File of metrics that others emit: --list-metrics=json, plan --json, or a saved /metrics. Repeatable."
            ),
            .strings("label", help: "Label that every series gets on its way, besides job and instance. Repeatable."),
        ], misuseStatus: 3
    ) { call in
        guard !call.words.isEmpty else {
            throw UsageError("lint needs files of rules (YAML) or dashboards (JSON); see --help")
        }
        var knowledge = MetricKnowledge(external: call.flags.strings("label"))
        let file = call.flags.string("config.file")
        if call.flags.isSet("config.file") || TextFile.exists(file) { knowledge.add(try LiveApp.configuration(file)) }
        for name in call.flags.strings("known") { try knowledge.add(try LintFile(name)) }
        let findings = try Self.findings(try call.words.map { try LintFile($0) }, knowledge)
        for finding in findings { call.output(finding.line + "\n") }
        let errors = findings.count(where: \.isError)
        if !findings.isEmpty {
            call.output("\(errors) errors, \(findings.count - errors) warnings; metrics of others: --known FILE\n")
        }
        return errors > 0 ? 2 : findings.isEmpty ? 0 : 1
    }

    /// What is wrong in these files, which may build on each other.
    static func findings(
        _ files: [LintFile], _ knowledge: MetricKnowledge
    ) throws(ConfigurationError) -> [LintFinding] {
        var knowledge = knowledge
        var rules: [RuleFile] = []
        var dashboards: [Dashboard] = []
        for file in files {
            if file.bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") {
                dashboards.append(try Dashboard(file))
            } else {
                rules.append(try RuleFile(file))
            }
        }
        RuleFile.record(rules, into: &knowledge)
        return rules.flatMap { $0.findings(knowledge) } + dashboards.flatMap { $0.findings(knowledge) }
    }
}
