internal import ExporterCommand
internal import ExporterKit

extension ConfigurationReader {
    /// `slos:` what is promised, by service.
    mutating func readSLOs(_ node: YAMLNode) throws(ConfigurationError) {
        for entry in try node.entries() {
            try entry.checkName("service level objective")
            for objective in try objectives(entry) {
                if configuration.objectives.contains(where: {
                    $0.service == objective.service && $0.name == objective.name
                }) {
                    throw entry.error(
                        "\(objective.service) has \(objective.name) already; give one of both another service")
                }
                configuration.objectives.append(objective)
            }
        }
    }

    private func objectives(_ entry: YAMLEntry) throws(ConfigurationError) -> [Objective] {
        var map = try entry.value.mapping("objective \(entry.key)")
        let service = try map.optionalString("service") ?? entry.key
        let window = try map.optionalNode("window")?.window() ?? .seconds(30 * 86400)
        let subject = try subject(&map, service)
        var objectives: [Objective] = []
        if let node = map.optionalNode("availability") {
            guard let events = subject.availability else {
                throw node.error("availability of a vector search cannot be told; write latency, or errors and total")
            }
            objectives.append(
                Objective(
                    service: service, name: "availability", objective: try node.objective(), window: window,
                    latency: nil, events: events))
        }
        if let node = map.optionalNode("latency") {
            guard let histogram = subject.histogram else {
                throw node.error(
                    "latency needs a histogram; write histogram: NAME, or leave good, errors and total out")
            }
            for limit in try node.entries() {
                let percentile = try limit.percentile()
                let time = try limit.value.duration(minimum: .milliseconds(1))
                try check(time, subject.buckets, at: limit.value)
                objectives.append(
                    Objective(
                        service: service, name: Objective.name(percentile: limit.key), objective: percentile,
                        window: window, latency: .init(percentile: percentile, limit: time), events: histogram))
            }
        }
        try map.finish()
        guard !objectives.isEmpty else {
            throw entry.error(
                "\(entry.key) promises nothing; write availability: 99.9% or latency: { p95: 500ms }")
        }
        return objectives
    }

    /// What an objective is about.
    private struct Subject {
        var availability: Objective.Events?
        var histogram: Objective.Events?
        /// Bounds of the histogram, where they are known.
        var buckets: [Double]?
    }

    private func subject(_ map: inout YAMLMapping, _ service: String) throws(ConfigurationError) -> Subject {
        let own = try ["good", "errors", "total", "histogram"].map { key throws(ConfigurationError) in
            try map.optionalNode(key)?.selector()
        }
        let probe = map.optionalNode("probe")
        let flow = map.optionalNode("flow")
        let vector = map.optionalNode("vector")
        let kinds = [own.contains { $0 != nil }, probe != nil, flow != nil, vector != nil].count { $0 }
        guard kinds <= 1 else {
            throw map.error(
                "an objective is about one thing: probe, flow, vector, or selectors of your own; remove the others")
        }
        if let probe { return try checked(probe, "probe") }
        if let flow { return try checked(flow, "flow") }
        if let vector { return try vectorSearch(vector) }
        if kinds == 1 { return try selectors(own, map) }
        let matchers = "service=\(service.promQL)"
        return Subject(
            availability: .errors(
                "http_requests_total{\(matchers),status=~\"5..\"}", total: "http_requests_total{\(matchers)}"),
            histogram: .histogram("http_request_duration_seconds", matchers: matchers))
    }

    private func checked(_ node: YAMLNode, _ kind: String) throws(ConfigurationError) -> Subject {
        let name = try node.string()
        let known = checkNames(kind)
        guard known.contains(name) else {
            let hint = Nearest.hint(name, among: known)
            throw node.error(
                "there is no \(kind) `\(Shown.clipped(name))`\(hint.isEmpty ? "; define it under \(kind)s" : hint)")
        }
        let matchers = "probe=\(name.promQL)"
        return Subject(
            availability: .errors(
                "probe_runs_total{\(matchers),result!=\"ok\"}", total: "probe_runs_total{\(matchers)}"),
            histogram: .histogram(CheckMetrics.runDuration.name, matchers: matchers), buckets: CheckMetrics.buckets)
    }

    /// Names of the synthetic checks of a kind.
    private func checkNames(_ kind: String) -> [String] {
        (kind == "probe" ? configuration.checks.map(\.name) : configuration.flows.map(\.name))
    }

    private func vectorSearch(_ node: YAMLNode) throws(ConfigurationError) -> Subject {
        let index = try node.string()
        guard let probe = configuration.vector?.probe else {
            throw node.error("there are no latency probes of vector indexes; configure vector.probe")
        }
        var matchers = ""
        if index != "all" {
            let parts = index.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
                throw node.error("vector must be all or schema.index, not `\(Shown.clipped(index))`")
            }
            matchers = "schema=\(parts[0].promQL),index=\(parts[1].promQL)"
        }
        return Subject(histogram: .histogram(ProbeMetrics.duration.name, matchers: matchers), buckets: probe.buckets)
    }

    private func selectors(_ own: [PromSelector?], _ map: YAMLMapping) throws(ConfigurationError) -> Subject {
        let (good, errors, total, histogram) = (own[0], own[1], own[2], own[3])
        var subject = Subject()
        switch (good, errors, total) {
        case (let good?, nil, let total?): subject.availability = .good(good.text, total: total.text)
        case (nil, let errors?, let total?): subject.availability = .errors(errors.text, total: total.text)
        case (nil, nil, nil): break
        default: throw map.error("write good and total, or errors and total: two selectors")
        }
        if let histogram {
            guard let name = histogram.name else { throw map.error("histogram needs the name of a histogram") }
            let bare = name.hasSuffix("_bucket") ? String(name.dropLast(7)) : name
            subject.histogram = .histogram(bare, matchers: histogram.matcherText)
        }
        return subject
    }

    private func check(_ time: Duration, _ buckets: [Double]?, at node: YAMLNode) throws(ConfigurationError) {
        guard let buckets, !buckets.contains(where: { abs($0 - time.seconds) < 1e-9 }) else { return }
        let known = buckets.map { DurationText.format(.seconds($0)) }.joined(separator: ", ")
        throw node.error(
            "the histogram has no bucket that ends at \(DurationText.format(time)), so nobody can count what is faster; "
                + "it has \(known)")
    }
}

extension YAMLNode {
    /// `99.9%` as 0.999; above 0 and below 1.
    fileprivate func objective() throws(ConfigurationError) -> Double {
        let text = try string()
        guard text.hasSuffix("%"), let percent = Double(text.dropLast()), percent > 0, percent < 100 else {
            throw error("\(label ?? "the objective") must be above 0% and below 100%, such as 99.9%, not `\(text)`")
        }
        return percent.hundredth
    }

    /// Whole hours, between one day and a year.
    fileprivate func window() throws(ConfigurationError) -> Duration {
        let time = try duration()
        guard time >= .seconds(86400), time <= .seconds(366 * 86400), Int(time.seconds) % 3600 == 0 else {
            throw error("window must be whole hours between 1d and 366d, such as 30d, not `\(try string())`")
        }
        return time
    }

    fileprivate func selector() throws(ConfigurationError) -> PromSelector {
        let text = try string()
        do throws(PromError) {
            return try PromParser.selector(text)
        } catch {
            throw self.error(
                "\(label ?? "the value") must be a selector such as jobs_total{result=\"ok\"}: \(error.text)")
        }
    }
}

extension YAMLEntry {
    /// `p95` as 0.95.
    fileprivate func percentile() throws(ConfigurationError) -> Double {
        guard key.hasPrefix("p"), let percent = Double(key.dropFirst()), percent > 0, percent < 100 else {
            throw error("`\(Shown.clipped(key))` is not a percentile such as p50, p95 or p99.9")
        }
        return percent.hundredth
    }
}

extension Double {
    /// Percent as a ratio, with the digits one would write: 99.95 is 0.9995 and not 0.9994999999999999.
    fileprivate var hundredth: Double { (self / 100 * 1e9).rounded() / 1e9 }
}

extension String {
    /// As a string of PromQL.
    var promQL: String { "\"" + replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\"" }
}
