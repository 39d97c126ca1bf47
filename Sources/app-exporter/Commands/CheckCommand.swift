internal import ExporterCommand
internal import ExporterKit
internal import Logging

/// `app-exporter check`: reads the configuration, asks everything once and says what came of it.
///
/// Exit status as of a monitoring plugin: 0 when all is well, 1 when something gave less than it should, 2 when something
/// failed, 3 when the file cannot be read and so nothing was asked.
enum CheckCommand {
    static let command = ProgramCommand(
        "check",
        "Asks every source, group, probe and flow once and reports. Exit status: 0 OK, 1 warning, 2 critical, 3 unknown.",
        words: "[FILE]", flags: [.bool("json", help: "Print JSON.")], misuseStatus: 3
    ) { call in
        let file = try call.file()
        let live = try LiveApp(
            file: file, registry: Registry(), logger: Logger(label: "check") { _ in SwiftLogNoOpLogHandler() })
        let report = await CheckReport.run(live, file: file)
        await live.close()
        call.output(call.flags.bool("json") ? report.json : report.text(isColoured: call.isColoured))
        return report.status.rawValue
    }
}

/// How something stands; the raw value is the exit status.
enum CheckStatus: Int32, Comparable {
    case ok = 0
    case warning = 1
    case critical = 2

    static func < (left: CheckStatus, right: CheckStatus) -> Bool { left.rawValue < right.rawValue }

    var word: String {
        switch self {
        case .ok: "OK"
        case .warning: "WARNING"
        case .critical: "CRITICAL"
        }
    }
}

/// What came of one run of everything.
struct CheckReport: Sendable {
    /// One line of the report.
    struct Item: Sendable {
        /// `source`, `group`, `probe`, `flow`.
        let kind: String
        let name: String
        let status: CheckStatus
        let took: Duration?
        let series: Int?
        /// What is wrong, or what there is.
        let text: String
    }

    let file: String
    let items: [Item]

    var status: CheckStatus { items.map(\.status).max() ?? .ok }

    /// Works that run at the same time; the rest waits, so that nothing is slow only because of us.
    private static let width = 16

    /// Runs every piece of work once.
    static func run(_ live: LiveApp, file: String) async -> CheckReport {
        let works = live.plan.works
        var items = [Item?](repeating: nil, count: works.count)
        await withTaskGroup(of: (Int, Item).self) { group in
            var next = 0
            func begin() {
                guard next < works.count else { return }
                let (place, work) = (next, works[next])
                next += 1
                group.addTask { (place, await item(of: work)) }
            }
            for _ in 0..<width { begin() }
            for await (place, item) in group {
                items[place] = item
                begin()
            }
        }
        let sources = live.plan.health.map { Item($0) }
        return CheckReport(file: file, items: sources + items.compactMap(\.self))
    }

    private static func item(of work: any ScheduledWork) async -> Item {
        let began = ContinuousClock.now
        let findings = await work.run(until: began.advanced(by: work.timing.timeout))
        return Item(work, findings, took: began.duration(to: .now))
    }
}

extension CheckReport.Item {
    /// A source by how it answered.
    init(_ state: HealthState) {
        kind = "source"
        name = String(state.name.dropFirst("source.".count))
        took = state.last?.took
        series = nil
        switch state.last {
        case nil:
            status = .warning
            text = "nobody asks it; remove it, or use it in a group"
        case let last?:
            status = last.reason == nil ? .ok : .critical
            text = last.reason.map { "down: \($0)" } ?? "up"
        }
    }

    /// A run of work.
    init(_ work: any ScheduledWork, _ findings: Findings, took: Duration) {
        kind = work is Flow ? "flow" : work.kind == .group ? "group" : "probe"
        name = work.name
        self.took = took
        let families = findings.families.values.flatMap(\.self)
        let series = families.reduce(0) { $0 + $1.count }
        self.series = series
        let drops = findings.dropped.filter { $0.key != .null }.sorted { $0.key.rawValue < $1.key.rawValue }
        if let error = findings.error {
            status = work.kind == .group && series > 0 ? .warning : .critical
            text = error.message
        } else if let end = Self.certificateEnd(families), end < Timekeeper.realTime() + 14 * 86400 {
            status = .warning
            text = "the certificate ends in \(Int((end - Timekeeper.realTime()) / 86400)) days"
        } else if !drops.isEmpty {
            status = .warning
            text = "values not exposed: " + drops.map { "\($0.value) \($0.key.rawValue)" }.joined(separator: ", ")
        } else {
            status = .ok
            text = work.kind == .group ? "\(series) series" : work.target ?? ""
        }
    }

    /// Earliest end of a certificate that was seen.
    private static func certificateEnd(_ families: [MetricFamily]) -> Double? {
        families.lazy.filter { $0.descriptor.name == CheckMetrics.earliestExpiry.descriptor.name }.flatMap(\.samples)
            .compactMap { sample in if case .number(let value) = sample.value { value } else { nil } }.min()
    }
}
