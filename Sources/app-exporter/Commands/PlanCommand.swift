internal import ExporterCommand
internal import ExporterKit
internal import Logging

/// `app-exporter plan`: the series that a configuration will give, without asking anybody.
enum PlanCommand {
    static let command = ProgramCommand(
        "plan", "Prints the series that will exist: names, labels, how many at most. Contacts nobody.",
        words: "[FILE]", flags: [.bool("json", help: "Print JSON.")]
    ) { call in
        let configuration = try LiveApp.configuration(try call.file())
        let plan = SeriesPlan(configuration)
        call.output(call.flags.bool("json") ? plan.json : plan.table)
        return 0
    }
}

/// All series of a configuration, by the metric's name.
struct SeriesPlan {
    /// One metric of everybody who gives it.
    struct Row {
        let descriptor: MetricDescriptor
        var labels: [String]
        /// `nil` where the database decides.
        var most: Int?
        /// Who gives it: names of groups, probes, flows.
        var givers: [String]
    }

    let rows: [Row]

    init(_ configuration: AppConfiguration) {
        let plan = WorkPlan(configuration, Registry())
        var rows: [String: Row] = [:]
        func add(_ planned: PlannedFamily, _ giver: String?) {
            guard var row = rows[planned.descriptor.name] else {
                rows[planned.descriptor.name] = Row(
                    descriptor: planned.descriptor, labels: planned.labels, most: planned.most,
                    givers: giver.map { [$0] } ?? [])
                return
            }
            row.labels += planned.labels.filter { !row.labels.contains($0) }
            row.most = row.most.flatMap { one in planned.most.map { one + $0 } }
            if let giver, !row.givers.contains(giver) { row.givers.append(giver) }
            rows[planned.descriptor.name] = row
        }
        for work in plan.works {
            for planned in work.planned { add(planned, work.name) }
            if work.kind == .group { for planned in GroupMetrics.planned { add(planned, nil) } }
        }
        for _ in configuration.sources { for planned in SourceMetrics.planned { add(planned, nil) } }
        for planned in ObjectiveMetrics.planned(configuration.objectives) { add(planned, nil) }
        for descriptor in ReloadMetrics("app_exporter").all + ProcessMetrics.descriptors {
            add(PlannedFamily(descriptor, [], most: 1), nil)
        }
        self.rows = rows.values.sorted { $0.descriptor.name < $1.descriptor.name }
    }

    /// Series that are known beforehand, at most; a histogram counts as one.
    var most: Int { rows.reduce(0) { $0 + ($1.most ?? 0) } }

    /// For people.
    var table: String {
        let name = rows.map(\.descriptor.name.count).max() ?? 0
        let labels = rows.map { $0.labelText.count }.max() ?? 0
        var text = ""
        for row in rows {
            let most = row.most.map { "\($0)" } ?? "by data"
            text += row.descriptor.name.padded(name) + "  " + row.descriptor.kind.rawValue.padded(9) + "  "
            text += row.labelText.padded(labels) + "  " + most.padded(7) + "  " + row.giverText + "\n"
        }
        let open = rows.count { $0.most == nil }
        text += "\n\(rows.count) metrics, at most \(most) series"
        if open > 0 { text += " and those of \(open) metrics whose number the database decides" }
        return text + ". A histogram counts as one.\n"
    }

    /// For machines.
    var json: String {
        let metrics = rows.map { row in
            JSONValue.object([
                ("name", .string(row.descriptor.name)), ("kind", .string(row.descriptor.kind.rawValue)),
                ("help", .string(row.descriptor.help)), ("labels", .array(row.labels.map { .string($0) })),
                ("most", row.most.map { .number(Double($0)) } ?? .null),
                ("from", .array(row.givers.map { .string($0) })),
            ])
        }
        let value = JSONValue.object([("metrics", .array(metrics)), ("most", .number(Double(most)))])
        return String(decoding: value.bytes, as: UTF8.self)
    }
}

extension SeriesPlan.Row {
    fileprivate var labelText: String { labels.isEmpty ? "-" : labels.joined(separator: ",") }

    fileprivate var giverText: String {
        givers.count > 4
            ? "\(givers.prefix(3).joined(separator: ", ")) and \(givers.count - 3) more"
            : givers.joined(separator: ", ")
    }
}

extension String {
    /// With spaces up to a width.
    func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
