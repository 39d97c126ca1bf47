internal import CurlClient
internal import ExporterCommand
internal import ExporterKit

extension BlackboxReader {
    /// Where nothing is known yet; each probe puts its target there.
    private static let nowhere = WireEndpoint(host: "", port: 0)

    /// `tcp:`
    mutating func tcp(_ node: YAMLNode?) throws(ConfigurationError) -> TCPCheckSettings {
        var settings = TCPCheckSettings(endpoint: Self.nowhere)
        guard let node else { return settings }
        var map = try node.mapping("tcp")
        try readAddresses(&map)
        try refuseSourceAddress(&map)
        for node in try map.optionalSequence("query_response") { settings.dialogue.steps += try steps(node) }
        settings.usesTLS = try map.optionalBool("tls") ?? false
        settings.trust = try trust(map.optionalNode("tls_config"))
        try map.finish()
        return settings
    }

    /// One entry of `query_response`.
    private func steps(_ node: YAMLNode) throws(ConfigurationError) -> [DialogueStep] {
        var map = try node.mapping("query_response")
        var step = DialogueStep()
        if let node = map.optionalNode("expect"), try !node.string().isEmpty { step.expect = try node.pattern() }
        if let node = map.optionalNode("expect_bytes") {
            guard step.expect == nil else { throw node.error("give expect or expect_bytes, not both") }
            step.expectBytes = try node.bytes()
        }
        if let node = map.optionalNode("send") {
            let bytes = try node.bytes()
            if bytes.isEmpty {
                step.send = nil
            } else if let text = String(validating: bytes, as: UTF8.self) {
                step.send = text
            } else {
                step.sendBytes = bytes + [UInt8(ascii: "\n")]
            }
        }
        // Without something that was expected, a dollar is a dollar.
        if step.expect == nil { step.send = step.send?.replacing("$", with: "$$") }
        step.startsTLS = try map.optionalBool("starttls") ?? false
        for node in try map.optionalSequence("labels") {
            var label = try node.mapping("a label")
            let nameNode = try label.node("name")
            let name = try nameNode.string()
            guard MetricNames.isLegalLabelName(name) else {
                throw nameNode.error("`\(Shown.clipped(name))` cannot be the name of a label")
            }
            step.labels.append((name, try label.optionalString("value") ?? ""))
            try label.finish()
        }
        try map.finish()
        return [step]
    }

    /// `dns:`
    mutating func dns(_ node: YAMLNode) throws(ConfigurationError) -> DNSCheckSettings {
        var map = try node.mapping("dns")
        try readAddresses(&map)
        try refuseSourceAddress(&map)
        let nameNode = try map.node("query_name")
        let type = try type(map.optionalNode("query_type"))
        guard var question = DNSQuestion(try nameNode.string(), type) else {
            throw nameNode.error("query_name must be a name such as www.example.com")
        }
        if let node = map.optionalNode("query_class") {
            let words = DNSQuestion.Group.allCases.map(\.name)
            let word = try node.choice(of: words + ["CS", "NONE", "ANY"])
            if let group = DNSQuestion.Group.allCases.first(where: { $0.name == word }) {
                question.group = group
            } else {
                refuse(node, "the class \(word) is not offered here; known are \(words.joined(separator: ", "))")
            }
        }
        question.wantsRecursion = try map.optionalBool("recursion_desired") ?? true
        var settings = DNSCheckSettings(server: Self.nowhere, question: question)
        let transport = try map.optionalChoice("transport_protocol", of: ["udp", "tcp"]) ?? "udp"
        settings.transport = transport == "tcp" ? .tcp : .udp
        if let node = map.optionalNode("dns_over_tls"), try node.bool() {
            guard transport == "tcp" else { throw node.error("dns_over_tls needs transport_protocol: tcp") }
            settings.usesTLS = true
        }
        settings.trust = try trust(map.optionalNode("tls_config"))
        for node in try map.optionalSequence("valid_rcodes") {
            settings.rcodes.append(try node.choice(of: DNSMessage.rcodes))
        }
        settings.answers = try rules(map.optionalNode("validate_answer_rrs"))
        settings.authority = try rules(map.optionalNode("validate_authority_rrs"))
        settings.additional = try rules(map.optionalNode("validate_additional_rrs"))
        try map.finish()
        return settings
    }

    private mutating func type(_ node: YAMLNode?) throws(ConfigurationError) -> DNSType {
        let any = DNSType(255)
        guard let node else { return any }
        let word = try node.string()
        if let type = DNSType(word) { return type }
        let hint = Nearest.hint(word, among: DNSType.names)
        refuse(node, "the type \(Shown.clipped(word)) is not offered here\(hint)")
        return any
    }

    private func rules(_ node: YAMLNode?) throws(ConfigurationError) -> [DNSRule] {
        guard let node else { return [] }
        var map = try node.mapping(node.label ?? "a section of the answer")
        var rules: [DNSRule] = []
        let demands: [(String, DNSRule.Demand)] = [
            ("fail_if_matches_regexp", .none), ("fail_if_not_matches_regexp", .every),
        ]
        for (key, demand) in demands {
            for pattern in try map.optionalNode(key)?.patterns() ?? [] {
                rules.append(DNSRule(demand: demand, test: .matches(pattern)))
            }
        }
        // The name says otherwise, but blackbox_exporter fails when a record does not match.
        for pattern in try map.optionalNode("fail_if_all_match_regexp")?.patterns() ?? [] {
            rules.append(DNSRule(demand: .none, test: .lacks(pattern)))
        }
        let some = try map.optionalNode("fail_if_none_matches_regexp")?.patterns() ?? []
        if !some.isEmpty { rules.append(DNSRule(demand: .some, test: .matchesAmong(some))) }
        try map.finish()
        return rules
    }
}
