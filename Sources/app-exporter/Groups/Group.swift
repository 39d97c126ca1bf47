internal import ExporterKit

/// A configured group: asks its source and makes samples of the answer.
struct Group: ScheduledWork {
    let name: String
    let timing: Timing
    let planned: [PlannedFamily]
    private let asker: any GroupAsker

    init(_ configuration: GroupConfiguration, asker: any GroupAsker) {
        name = configuration.name
        timing = configuration.timing
        planned = configuration.planned
        self.asker = asker
    }

    var kind: WorkKind { .group }

    func run(until deadline: ContinuousClock.Instant) async -> Findings {
        await asker.ask(until: deadline)
    }
}

/// One way of asking: SQL, Redis commands, HTTP with JSON.
protocol GroupAsker: Sendable {
    /// Asks once. Never throws: trouble is part of the findings.
    func ask(until deadline: ContinuousClock.Instant) async -> Findings
}
