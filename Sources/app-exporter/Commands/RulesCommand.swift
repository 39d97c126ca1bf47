internal import ExporterCommand

/// `app-exporter rules`: recording and alert rules for the objectives of a configuration.
enum RulesCommand {
    static let command = ProgramCommand(
        "rules", "Writes recording and alert rules for the objectives under slos, for rule_files of Prometheus.",
        words: "[FILE]"
    ) { call in
        let file = try call.file()
        let configuration = try LiveApp.configuration(file)
        guard !configuration.objectives.isEmpty else {
            throw ConfigurationError(
                "there is nothing under slos, so there are no rules; see docs/examples/slos.yaml", at: file)
        }
        let name = file.split(separator: "/").last.map(String.init) ?? file
        call.output(RuleWriter.text(configuration.objectives, origin: name))
        return 0
    }
}
