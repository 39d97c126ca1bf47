internal import ExporterCommand
internal import ExporterKit

extension ConfigurationReader {
    /// `stripe_ledger:` of a group, and its `metrics:`.
    mutating func ledger(
        _ node: YAMLNode, _ group: inout YAMLMapping, _ timing: Timing, fixed: [(name: String, value: String)]
    ) throws(ConfigurationError) -> LedgerQuestion {
        guard timing.interval >= .seconds(60) else {
            throw node.error("a ledger group needs an interval of at least 1m; 5m is usual")
        }
        var map = try node.mapping("stripe_ledger")
        var question = LedgerQuestion()
        if let zone = map.optionalNode("month_in") {
            let name = try zone.string()
            do throws(ConfigurationError) { question.zone = try TimeZoneFile(name) } catch {
                throw zone.error("month_in: \(error)")
            }
        }
        if let node = map.optionalNode("components") { question.components = try components(node) }
        question.fees = try map.optionalBool("fees") ?? true
        if let pages = try map.optionalInt("max_pages", in: 1...10_000) { question.maximumPages = pages }
        if let rescan = try map.optionalDuration("rescan", minimum: .seconds(600)) { question.rescan = rescan }
        var exponents: [String: Int] = [:]
        for entry in try map.optionalEntries("exponents") {
            guard entry.key.utf8.count == 3 else {
                throw entry.error("`\(entry.key)` is no currency; write three letters such as ugx")
            }
            exponents[entry.key.lowercased()] = try entry.value.int(in: 0...4)
        }
        question.units = MinorUnits(exponents)
        try map.finish()
        for node in try group.sequence("metrics") { question.metrics.append(try ledgerMetric(node, fixed: fixed)) }
        return question
    }

    /// `{ gross: [charge], ... }`
    private func components(
        _ node: YAMLNode
    ) throws(ConfigurationError) -> [(name: String, categories: Set<String>)] {
        var components: [(name: String, categories: Set<String>)] = []
        var owner: [String: String] = [:]
        for entry in try node.entries() {
            try entry.checkName("component")
            guard entry.key != LedgerSums.fees, entry.key != LedgerSums.net else {
                throw entry.error("the component \(entry.key) comes with fees: true; choose another name")
            }
            let categories = try entry.value.strings()
            guard !categories.isEmpty else {
                throw entry.error("\(entry.key) needs reporting categories such as [charge]")
            }
            for category in categories {
                if let other = owner.updateValue(entry.key, forKey: category) {
                    throw entry.error("\(category) is in \(other) too; one category counts in one component")
                }
            }
            components.append((entry.key, Set(categories)))
        }
        return components
    }

    private mutating func ledgerMetric(
        _ node: YAMLNode, fixed: [(name: String, value: String)]
    ) throws(ConfigurationError) -> LedgerMetric {
        var map = try node.mapping("a metric")
        let word = try map.optionalChoice("value", of: LedgerMetric.Value.allCases.map(\.rawValue))
        let value = word.flatMap(LedgerMetric.Value.init) ?? .amount
        let rule = try rule(&map, at: node, labels: value.labels, fixed: fixed, kinds: [.gauge])
        try map.finish()
        return LedgerMetric(rule: rule, value: value)
    }
}
