internal import CurlClient
internal import ExporterCommand
internal import ExporterKit

extension ConfigurationReader {
    /// `flows:` ways of several requests.
    mutating func readFlows(_ node: YAMLNode) throws(ConfigurationError) {
        var base = defaults
        base.interval = .seconds(300)
        base.timeout = .seconds(30)
        for entry in try node.entries() {
            try entry.checkName("flow")
            guard !configuration.checks.contains(where: { $0.name == entry.key }) else {
                throw entry.error("the name \(entry.key) is used by a probe; choose another one")
            }
            configuration.flows.append(try flow(entry, base))
        }
    }

    private func flow(_ entry: YAMLEntry, _ base: Defaults) throws(ConfigurationError) -> FlowConfiguration {
        var map = try entry.value.mapping("flow \(entry.key)")
        let baseNode = try map.node("base")
        let address = try baseNode.secret()
        let target = try target(of: address, at: baseNode)
        let timing = try readTiming(&map, base)
        let access = try readAccess(&map)
        let keepsCookies = try map.optionalBool("cookies") ?? false
        let redirects = try map.optionalNode("follow_redirects")?.redirects() ?? 0
        let limit = try map.optionalNode("max_body")?.byteCount() ?? 1 << 20
        let stepsNode = try map.node("steps")
        var reader = FlowStepReader(self, maximumRedirects: redirects, timeout: timing.timeout)
        for node in try stepsNode.sequence() { try reader.read(node) }
        try map.finish()
        guard !reader.steps.isEmpty else { throw stepsNode.error("steps must have at least one step") }
        let flow = FlowConfiguration(
            name: entry.key, base: address, target: "\(target)", timing: timing, access: access,
            keepsCookies: keepsCookies, maximumBodyBytes: limit, steps: reader.steps)
        guard flow.cleanUpReserve < timing.timeout else {
            throw stepsNode.error(
                "the timeouts of the clean-up steps take the whole timeout of \(DurationText.format(timing.timeout)); "
                    + "make them shorter or the flow's longer")
        }
        return flow
    }
}

/// Reads steps one after the other, each with what the ones before it know.
struct FlowStepReader {
    private let reader: ConfigurationReader
    private let maximumRedirects: Int
    /// Of the whole flow.
    private let timeout: Duration
    private(set) var steps: [FlowStep] = []
    private var known = [FlowVariables.runID]

    init(_ reader: ConfigurationReader, maximumRedirects: Int, timeout: Duration) {
        self.reader = reader
        self.maximumRedirects = maximumRedirects
        self.timeout = timeout
    }

    mutating func read(_ node: YAMLNode) throws(ConfigurationError) {
        var map = try node.mapping("a step")
        let nameNode = try map.node("name")
        let name = try nameNode.string()
        guard YAMLEntry.isName(name) else {
            throw nameNode.error("`\(name)` cannot be the name of a step; use up to 64 letters, digits, _, - and .")
        }
        guard !steps.contains(where: { $0.name == name }) else {
            throw nameNode.error("there are two steps \(name); give each a name of its own")
        }
        let (method, place) = try request(&map, at: node)
        var headers: [(name: String, value: FlowValue)] = []
        for entry in try map.optionalEntries("headers") { headers.append((entry.key, try value(entry.value))) }
        let credentials = try credentials(&map)
        let body = try body(&map, of: method, at: node)
        let redirects = try map.optionalNode("follow_redirects")?.redirects() ?? maximumRedirects
        var expectation = HTTPExpectation()
        if let node = map.optionalNode("expect") { expectation = try reader.httpExpectation(node) }
        expectation.showsAnswers = false
        let isAlways = try map.optionalBool("always") ?? false
        let limit = try map.optionalNode("timeout")?.shorterDuration(than: timeout)
        let think = try map.optionalNode("think")?.shorterDuration(than: timeout) ?? .zero
        let extractions = try extractions(&map)
        try map.finish()
        known += extractions.map(\.variable)
        steps.append(
            FlowStep(
                name: name, method: method, place: place, headers: headers, credentials: credentials, body: body,
                maximumRedirects: redirects, expectation: expectation,
                extractions: extractions, isAlways: isAlways, timeout: limit, think: think))
    }

    // MARK: - What is sent

    private func request(
        _ map: inout YAMLMapping, at node: YAMLNode
    ) throws(ConfigurationError) -> (HTTPCall.Method, FlowText) {
        var found: [(HTTPCall.Method, YAMLNode)] = []
        for method in HTTPCall.Method.allCases {
            if let node = map.optionalNode(method.rawValue.lowercased()) { found.append((method, node)) }
        }
        guard let (method, node) = found.first, found.count == 1 else {
            let words = HTTPCall.Method.allCases.map { $0.rawValue.lowercased() }.joined(separator: ", ")
            throw node.error("a step needs exactly one of \(words), with a path")
        }
        let text = try text(node)
        switch text.pieces.first {
        case .text(let start) where start.hasPrefix("/") || start.hasPrefix("http://") || start.hasPrefix("https://"):
            break
        case .variable: break
        default:
            throw node.error("\(node.label ?? "the path") must begin with /, http://, https:// or a {variable}")
        }
        return (method, text)
    }

    private func credentials(_ map: inout YAMLMapping) throws(ConfigurationError) -> FlowStep.Credentials? {
        var credentials: FlowStep.Credentials?
        if let node = map.optionalNode("bearer") { credentials = .bearer(try value(node)) }
        if let node = map.optionalNode("basic_auth") {
            guard credentials == nil else { throw node.error("give bearer or basic_auth, not both") }
            var basic = try node.mapping("basic_auth")
            credentials = .basic(user: try value(basic.node("user")), password: try value(basic.node("password")))
            try basic.finish()
        }
        return credentials
    }

    private func body(
        _ map: inout YAMLMapping, of method: HTTPCall.Method, at node: YAMLNode
    ) throws(ConfigurationError) -> FlowBody? {
        var bodies: [(node: YAMLNode, body: FlowBody)] = []
        if let node = map.optionalNode("json") { bodies.append((node, .json(try json(node)))) }
        if let node = map.optionalNode("form") {
            var fields: [(name: String, value: FlowValue)] = []
            for entry in try node.entries() { fields.append((entry.key, try value(entry.value))) }
            bodies.append((node, .form(fields)))
        }
        if let node = map.optionalNode("body") { bodies.append((node, .raw(try value(node)))) }
        if bodies.count > 1 { throw bodies[1].node.error("a step has one of json, form and body, not two") }
        if let body = bodies.first, method == .get || method == .head {
            throw body.node.error("\(method.rawValue.lowercased()) sends no body; use post, put, patch or delete")
        }
        return bodies.first?.body
    }

    private func json(_ node: YAMLNode) throws(ConfigurationError) -> FlowJSON {
        switch node.content {
        case .scalar(let scalar):
            if node.isNull { return .literal("null") }
            if scalar.isPlain, let literal = Self.literal(scalar.text) { return .literal(literal) }
            return .text(try value(node))
        case .sequence(let items):
            var values: [FlowJSON] = []
            for item in items { values.append(try json(item)) }
            return .array(values)
        case .mapping(let entries):
            if entries.count == 1, ["env", "file"].contains(entries[0].key) { return .text(try value(node)) }
            try refuseForgottenQuotes(node)
            var values: [(key: String, value: FlowJSON)] = []
            for entry in entries { values.append((entry.key, try json(entry.value))) }
            return .object(values)
        }
    }

    /// A number or boolean that JSON has too.
    private static func literal(_ text: String) -> String? {
        if text == "true" || text == "false" { return text }
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard let first = digits.utf8.first, (48...57).contains(first), digits.utf8.last != UInt8(ascii: "."),
            !digits.hasPrefix("0") || digits == "0" || digits.hasPrefix("0.") || digits.hasPrefix("0e"),
            digits.utf8.allSatisfy({ (48...57).contains($0) || "+-.eE".utf8.contains($0) }), !digits.contains(".e"),
            Double(text) != nil
        else { return nil }
        return text
    }

    // MARK: - What comes back

    private func extractions(_ map: inout YAMLMapping) throws(ConfigurationError) -> [FlowStep.Extraction] {
        var extractions: [FlowStep.Extraction] = []
        for entry in try map.optionalEntries("extract") {
            guard FlowText.isName(entry.key), entry.key != FlowVariables.runID else {
                throw entry.error("`\(entry.key)` cannot be the name of a variable; use letters, digits and _")
            }
            extractions.append(FlowStep.Extraction(variable: entry.key, place: try place(entry.value)))
        }
        return extractions
    }

    private func place(_ node: YAMLNode) throws(ConfigurationError) -> FlowStep.Extraction.Place {
        guard case .mapping = node.content else { return .body(try node.jq()) }
        var map = try node.mapping("an extraction")
        let header = try map.optionalString("header")
        let expression = map.optionalNode("jq")
        try map.finish()
        switch (header, expression) {
        case (let header?, let expression): return .header(header, try expression?.jq())
        case (nil, let expression?): return .body(try expression.jq())
        case (nil, nil): throw node.error("an extraction is a jq expression, or { header: NAME } with or without jq")
        }
    }

    // MARK: - Texts

    /// Text with variables, or a secret.
    private func value(_ node: YAMLNode) throws(ConfigurationError) -> FlowValue {
        guard case .mapping = node.content else { return .text(try text(node)) }
        try refuseForgottenQuotes(node)
        return .secret(try node.secret())
    }

    private func text(_ node: YAMLNode) throws(ConfigurationError) -> FlowText {
        try refuseForgottenQuotes(node)
        let text = FlowText(try node.string())
        for name in text.variables where !known.contains(name) {
            let hint = Nearest.hint(name, among: known)
            let list = known.sorted().joined(separator: ", ")
            throw node.error(
                "no step before this one extracts {\(Shown.clipped(name))}\(hint.isEmpty ? "; known are \(list)" : hint)"
            )
        }
        return text
    }

    /// `{token}` without quotes is a mapping to YAML.
    private func refuseForgottenQuotes(_ node: YAMLNode) throws(ConfigurationError) {
        guard case .mapping(let entries) = node.content, entries.count == 1, entries[0].value.isNull,
            FlowText.isName(entries[0].key)
        else { return }
        throw node.error("a variable must stand in quotes: \"{\(Shown.clipped(entries[0].key))}\"")
    }
}

extension YAMLNode {
    /// A time that fits into another one.
    fileprivate func shorterDuration(than limit: Duration) throws(ConfigurationError) -> Duration {
        let duration = try duration(minimum: .milliseconds(1))
        guard duration < limit else {
            throw error(
                "\(label ?? "the time") must be less than the flow's timeout of \(DurationText.format(limit)), "
                    + "not \(DurationText.format(duration))")
        }
        return duration
    }
}
