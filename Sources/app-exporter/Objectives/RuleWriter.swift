internal import ExporterCommand
internal import ExporterKit

/// Writes recording and alert rules for objectives.
///
/// Per objective two sums are recorded: all events and bad events. Every longer window is a ratio of sums over these, so that
/// each event counts the same: a busy hour weighs more than a quiet one.
struct RuleWriter {
    private var lines: [String] = []

    /// The file; ends with a line feed.
    ///
    /// - Parameter origin: the configuration, for the comment at its head.
    static func text(_ objectives: [Objective], origin: String) -> String {
        var writer = RuleWriter()
        writer.lines = [
            "# Written by `app-exporter rules` from \(origin). Change that file and write this one again.", "groups:",
        ]
        writer.ratios()
        for objective in objectives { writer.group(of: objective) }
        return writer.lines.joined(separator: "\n") + "\n"
    }

    // MARK: - All objectives together

    private static let windows = ["30m", "1h", "6h", "3d"]

    private mutating func ratios() {
        begin("slo")
        record("slo:error_ratio:rate5m", "slo:errors:rate5m / (slo:requests:rate5m > 0)")
        for window in Self.windows {
            record(
                "slo:error_ratio:rate\(window)",
                "sum_over_time(slo:errors:rate5m[\(window)]) / (sum_over_time(slo:requests:rate5m[\(window)]) > 0)")
        }
        for window in ["5m"] + Self.windows {
            record("slo:burn_rate:rate\(window)", "slo:error_ratio:rate\(window) / (1 - slo:objective:ratio)")
        }
        alert(
            "SLOIndicatorMissing", "slo:objective:ratio unless on (service, slo) slo:requests:rate5m", "15m", "warning",
            "{{ $labels.service }} {{ $labels.slo }}: nothing is measured",
            "No events are counted, so no alert of this objective can fire. Is the service scraped, does its metric have "
                + "the labels and buckets that the rules ask for?")
    }

    // MARK: - One objective

    private mutating func group(of objective: Objective) {
        begin("slo-\(objective.service)-\(objective.name)")
        let labels = [("service", objective.service), ("slo", objective.name)]
        let (requests, errors) = Self.sums(objective)
        record("slo:requests:rate5m", requests, labels)
        record("slo:errors:rate5m", errors, labels)
        record("slo:objective:ratio", "vector(\(objective.objective))", labels)
        let own = "service=\(objective.service.promQL),slo=\(objective.name.promQL)"
        let window = Self.text(hours: Int(objective.window.seconds) / 3600)
        let spent =
            "sum_over_time(slo:errors:rate5m{\(own)}[\(window)]) / (sum_over_time(slo:requests:rate5m{\(own)}[\(window)]) > 0)"
        let budget = Self.number(1 - objective.objective)
        record("slo:error_budget_remaining:ratio", "1 - \(spent) / \(budget)", labels)
        let subject = "\(objective.service) \(objective.name)"
        let promise = Self.promise(objective)
        for alert in BurnAlert.all {
            let factor = Self.number(alert.factor(for: objective))
            self.alert(
                alert.name,
                "slo:burn_rate:rate\(alert.long){\(own)} > \(factor) and slo:burn_rate:rate\(alert.short){\(own)} > \(factor)",
                alert.pending, alert.severity,
                "\(subject): the error budget goes {{ $value | printf \"%.1f\" }} times too fast",
                "Promised: \(promise). At \(factor) times the pace the whole budget is gone in \(Self.time(objective, alert)).",
                labels: labels + [("window", alert.long)])
        }
        alert(
            "SLOErrorBudgetExhausted", "slo:error_budget_remaining:ratio{\(own)} < 0.1", "15m", "warning",
            "\(subject): {{ $value | humanizePercentage }} of the error budget is left",
            "Promised: \(promise). Below 10%: change nothing that can wait.", labels: labels)
    }

    /// All events and bad events per second. 0 and not nothing where none was bad.
    private static func sums(_ objective: Objective) -> (requests: String, errors: String) {
        func rate(_ selector: String) -> String { "sum(rate(\(selector)[5m]))" }
        switch objective.events {
        case .errors(let errors, let total):
            return (rate(total), "\(rate(errors)) or 0 * \(rate(total))")
        case .good(let good, let total):
            return (rate(total), "\(rate(total)) - (\(rate(good)) or 0 * \(rate(total)))")
        case .histogram(let name, let matchers):
            let all = "\(name)_count" + (matchers.isEmpty ? "" : "{\(matchers)}")
            let bound = bound(objective.latency?.limit.seconds ?? 0)
            let fast = "\(name)_bucket{\(matchers.isEmpty ? "" : matchers + ",")\(bound)}"
            // Without the bucket nothing is known: then there is nothing, not "all were bad".
            return (rate(all), "\(rate(all)) - \(rate(fast))")
        }
    }

    /// The matcher of a bucket: Prometheus 3 writes `2.0` for what is `2` elsewhere.
    private static func bound(_ seconds: Double) -> String {
        let text = number(seconds)
        return text.contains(".") ? "le=\"\(text)\"" : "le=~\"\(text)([.]0)?\""
    }

    private static func promise(_ objective: Objective) -> String {
        let share = "\(number(objective.objective * 100))%"
        let window = text(hours: Int(objective.window.seconds) / 3600)
        guard let latency = objective.latency else { return "\(share) of events good in \(window)" }
        return "\(share) within \(DurationText.format(latency.limit)) in \(window)"
    }

    /// How long the whole budget lasts at the alert's pace.
    private static func time(_ objective: Objective, _ alert: BurnAlert) -> String {
        text(hours: Int((objective.window.seconds / 3600 / alert.factor(for: objective)).rounded()))
    }

    private static func text(hours: Int) -> String { hours % 24 == 0 ? "\(hours / 24)d" : "\(hours)h" }

    /// As one would write it: 14.4, 6, 0.0005.
    static func number(_ value: Double) -> String {
        let rounded = (value * 1e9).rounded() / 1e9
        if rounded == rounded.rounded(), abs(rounded) < 1e15 { return "\(Int(rounded))" }
        let digits = "\(Int((abs(rounded) * 1e9).rounded()) % 1_000_000_000)"
        let fraction = String(repeating: "0", count: 9 - digits.count) + digits
        let trimmed = fraction.reversed().drop { $0 == "0" }.reversed()
        return "\(rounded < 0 ? "-" : "")\(Int(abs(rounded))).\(String(trimmed))"
    }

    // MARK: - YAML

    private mutating func begin(_ group: String) {
        lines += ["  - name: \(Self.quoted(group))", "    interval: 30s", "    rules:"]
    }

    private mutating func record(_ name: String, _ expression: String, _ labels: [(String, String)] = []) {
        lines += ["      - record: \(name)", "        expr: \(Self.quoted(expression))"]
        write(labels, under: "labels")
    }

    private mutating func alert(
        _ name: String, _ expression: String, _ pending: String, _ severity: String, _ summary: String,
        _ description: String, labels: [(String, String)] = []
    ) {
        lines += [
            "      - alert: \(name)", "        expr: \(Self.quoted(expression))", "        for: \(pending)",
        ]
        write([("severity", severity)] + labels, under: "labels")
        write([("summary", summary), ("description", description)], under: "annotations")
    }

    private mutating func write(_ pairs: [(String, String)], under key: String) {
        guard !pairs.isEmpty else { return }
        lines.append("        \(key):")
        lines += pairs.map { "          \($0): \(Self.quoted($1))" }
    }

    /// Single quotes: nothing inside means anything but the quote itself.
    private static func quoted(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }
}
