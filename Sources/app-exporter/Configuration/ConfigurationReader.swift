internal import ExporterCommand
internal import ExporterKit

/// Reads the file key by key. Whatever it does not know is an error at its place.
struct ConfigurationReader {
    var defaults = Defaults()
    var book = MetricBook()
    var configuration = AppConfiguration()

    struct Defaults {
        var interval: Duration = .seconds(60)
        var timeout: Duration = .seconds(5)
        var staleness = Staleness.intervals(3)
        var jitter = 0.1
        var maximumSeries = 200
        var labels: [(name: String, value: String)] = []
    }

    /// When values are too old.
    enum Staleness {
        case intervals(Int)
        case duration(Duration)

        func after(interval: Duration) -> Duration {
            switch self {
            case .intervals(let count): interval * count
            case .duration(let duration): duration
            }
        }
    }

    /// The whole file.
    static func read(_ document: YAMLDocument) throws(ConfigurationError) -> AppConfiguration {
        var reader = ConfigurationReader()
        var map = try document.root.mapping("the configuration")
        if let node = map.optionalNode("defaults") { try reader.readDefaults(node) }
        if let node = map.optionalNode("sources") { try reader.readSources(node) }
        if let node = map.optionalNode("groups") { try reader.readGroups(node) }
        if let node = map.optionalNode("vector") { try reader.readVector(node) }
        if let node = map.optionalNode("probes") { try reader.readProbes(node) }
        if let node = map.optionalNode("flows") { try reader.readFlows(node) }
        // They may be about anything above.
        if let node = map.optionalNode("slos") { try reader.readSLOs(node) }
        try map.finish()
        reader.configuration.declared = reader.book.descriptors
        reader.configuration.parts = ConfigurationParts(document.root)
        return reader.configuration
    }

    private mutating func readDefaults(_ node: YAMLNode) throws(ConfigurationError) {
        var map = try node.mapping("defaults")
        defaults.interval = try map.optionalDuration("interval", minimum: .seconds(1)) ?? defaults.interval
        defaults.timeout = try map.optionalDuration("timeout", minimum: .milliseconds(1)) ?? defaults.timeout
        if let node = map.optionalNode("stale_after") { defaults.staleness = try node.staleness() }
        if let node = map.optionalNode("jitter") { defaults.jitter = try node.ratio() }
        defaults.maximumSeries = try map.optionalInt("max_series", in: 1...100_000) ?? defaults.maximumSeries
        if let node = map.optionalNode("labels") { defaults.labels = try readLabels(node) }
        try map.finish()
    }

    /// `{ name: text }`
    func readLabels(_ node: YAMLNode) throws(ConfigurationError) -> [(name: String, value: String)] {
        var labels: [(name: String, value: String)] = []
        for entry in try node.entries() {
            try entry.checkLabelName()
            labels.append((entry.key, try entry.value.string()))
        }
        return labels
    }

    /// `interval`, `timeout` and `stale_after` of one group or check.
    func readTiming(_ map: inout YAMLMapping, _ base: Defaults) throws(ConfigurationError) -> Timing {
        let interval = try map.optionalDuration("interval", minimum: .seconds(1)) ?? base.interval
        let timeout = try map.optionalDuration("timeout", minimum: .milliseconds(1)) ?? min(base.timeout, interval)
        guard timeout <= interval else {
            throw map.error(
                "timeout \(DurationText.format(timeout)) is longer than interval \(DurationText.format(interval)); "
                    + "a run must end before the next one is due")
        }
        let staleness = try map.optionalNode("stale_after")?.stalenessOrNil() ?? base.staleness
        return Timing(
            interval: interval, timeout: timeout, staleAfter: max(interval, staleness.after(interval: interval)),
            jitter: base.jitter)
    }

    /// The source of this name and kind.
    func source(
        _ node: YAMLNode, _ kinds: [String], for purpose: String
    ) throws(ConfigurationError) -> SourceConfiguration {
        let name = try node.string()
        guard let source = configuration.sources[name] else {
            let known = configuration.sources.keys.sorted().joined(separator: ", ")
            throw node.error(
                "there is no source `\(name)`; \(known.isEmpty ? "define it under sources" : "known are \(known)")")
        }
        guard kinds.contains(source.kind.name) else {
            throw node.error(
                "source `\(name)` is of kind \(source.kind.name), but \(purpose) needs \(kinds.joined(separator: " or "))"
            )
        }
        return source
    }
}

extension YAMLNode {
    /// `3 intervals` or a time.
    func staleness() throws(ConfigurationError) -> ConfigurationReader.Staleness {
        let text = try string()
        let words = text.split(separator: " ")
        if words.count == 2, words[1] == "intervals" || words[1] == "interval", let count = Int(words[0]), count >= 1 {
            return .intervals(count)
        }
        guard let duration = DurationText.parse(text), duration > .zero else {
            throw error(
                "stale_after must be a time such as 5m or a number of intervals such as `3 intervals`, not `\(text)`")
        }
        return .duration(duration)
    }

    fileprivate func stalenessOrNil() throws(ConfigurationError) -> ConfigurationReader.Staleness? { try staleness() }

    /// `10%` as 0.1.
    func ratio() throws(ConfigurationError) -> Double {
        let text = try string()
        guard text.hasSuffix("%"), let percent = Double(text.dropLast()), (0...100).contains(percent) else {
            throw error("\(label ?? "the value") must be a percentage between 0% and 100%, not `\(text)`")
        }
        return percent / 100
    }

    /// `1MiB`, `64KiB`, `512B` in bytes.
    func byteCount() throws(ConfigurationError) -> Int {
        let text = try string()
        let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)]
        for (unit, factor) in units where text.hasSuffix(unit) {
            let digits = text.dropLast(unit.count)
            guard let count = Int(digits), (1...(1 << 20)).contains(count), count * factor <= 1 << 30 else { break }
            return count * factor
        }
        throw error("\(label ?? "the value") must be a size such as 512KiB or 1MiB, at most 1GiB, not `\(text)`")
    }

    /// Keys and values in file order, for names that the user chooses.
    func entries() throws(ConfigurationError) -> [YAMLEntry] {
        guard case .mapping(let entries) = content else {
            throw error("\(label ?? "the document") must be keys with values")
        }
        return entries
    }

    /// A compiled jq expression.
    func jq() throws(ConfigurationError) -> JqProgram {
        let text = try string()
        do throws(JqError) { return try JqProgram(text) } catch {
            throw self.error("\(label ?? "the value") is not a jq expression: \(error); correct `\(text)`")
        }
    }
}

extension YAMLEntry {
    func checkLabelName() throws(ConfigurationError) {
        guard MetricNames.isLegalLabelName(key), key != "le", key != "quantile" else {
            throw error("`\(key)` cannot be the name of a label; use letters, digits and _")
        }
    }

    /// Names that become the value of a label.
    func checkName(_ what: String) throws(ConfigurationError) {
        guard Self.isName(key) else {
            throw error("`\(key)` cannot be the name of a \(what); use up to 64 letters, digits, _, - and .")
        }
    }

    /// True for what can be the name of a thing in the file.
    static func isName(_ text: String) -> Bool {
        let isPlain = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        }
        return !text.isEmpty && text.utf8.count <= 64 && isPlain
    }
}
