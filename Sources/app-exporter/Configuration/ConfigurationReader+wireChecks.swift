internal import CurlClient
internal import ExporterCommand
internal import ExporterKit
internal import TLSClient

extension ConfigurationReader {
    /// `tls: host:port`, or keys with `to`, `starttls`, and whom to trust.
    func tlsCheck(_ node: YAMLNode) throws(ConfigurationError) -> TCPCheckSettings {
        guard case .mapping = node.content else {
            return TCPCheckSettings(endpoint: try node.endpoint(port: 443), usesTLS: true)
        }
        var map = try node.mapping("tls")
        let kind = try map.optionalChoice("starttls", of: StartTLSProtocol.allCases.map(\.rawValue))
        var settings = TCPCheckSettings(endpoint: try map.node("to").endpoint(port: 443))
        if let kind = kind.flatMap(StartTLSProtocol.init) {
            do throws(PatternError) { settings.dialogue = try .startTLS(kind) } catch { throw node.error("\(error)") }
        } else {
            settings.usesTLS = true
        }
        settings.trust = try readTrust(&map)
        settings.addressFamily = try map.optionalNode("ip")?.addressFamily() ?? .any
        settings.within = try map.optionalDuration("within", minimum: .milliseconds(1))
        settings.validFor = try map.optionalDuration("valid_for", minimum: .seconds(1))
        try map.finish()
        return settings
    }

    /// `ca`, `cert`, `key`, `server_name`, `min_version`, `insecure_skip_verify`
    func readTrust(_ map: inout YAMLMapping) throws(ConfigurationError) -> HTTPTrust {
        var trust = HTTPTrust()
        trust.authorityFile = try map.optionalPath("ca")
        trust.certificateFile = try map.optionalPath("cert")
        trust.keyFile = try map.optionalPath("key")
        trust.serverName = try map.optionalString("server_name")
        trust.verifies = try map.optionalBool("insecure_skip_verify") != true
        trust.minimumVersion = try map.optionalNode("min_version")?.tlsVersion()
        return trust
    }

    /// `tcp: host:port`, or keys with `to`, `expect` or `dialogue`, and `tls`.
    func tcpCheck(_ node: YAMLNode) throws(ConfigurationError) -> TCPCheckSettings {
        guard case .mapping = node.content else { return TCPCheckSettings(endpoint: try node.endpoint()) }
        var map = try node.mapping("tcp")
        var settings = TCPCheckSettings(endpoint: try map.node("to").endpoint())
        if let node = map.optionalNode("tls") {
            if case .mapping = node.content {
                settings.usesTLS = true
                var tls = try node.mapping("tls")
                settings.trust = try readTrust(&tls)
                settings.usesTLS = try tls.optionalBool("from_start") ?? true
                try tls.finish()
            } else {
                settings.usesTLS = try node.bool()
            }
        }
        settings.addressFamily = try map.optionalNode("ip")?.addressFamily() ?? .any
        settings.within = try map.optionalDuration("within", minimum: .milliseconds(1))
        // A conversation of one step may do without a list.
        let short = try dialogueStep(&map)
        if let node = map.optionalNode("dialogue") {
            guard short == nil else { throw node.error("write send and expect into the dialogue, or do without it") }
            for item in try node.sequence() {
                var map = try item.mapping("a step of the dialogue")
                guard let step = try dialogueStep(&map) else {
                    throw item.error("a step of a dialogue needs expect, send or starttls")
                }
                try map.finish()
                settings.dialogue.steps.append(step)
            }
        } else if let short {
            settings.dialogue.steps = [short]
        }
        try map.finish()
        return settings
    }

    private func dialogueStep(_ map: inout YAMLMapping) throws(ConfigurationError) -> DialogueStep? {
        var step = DialogueStep()
        step.expect = try map.optionalNode("expect")?.pattern()
        step.send = try map.optionalString("send")
        step.startsTLS = try map.optionalBool("starttls") ?? false
        return step.expect == nil && step.send == nil && !step.startsTLS ? nil : step
    }

    /// The keys of `dns:`.
    func dnsCheck(_ node: YAMLNode) throws(ConfigurationError) -> DNSCheckSettings {
        var map = try node.mapping("dns")
        let nameNode = try map.node("name")
        let typeName = try map.optionalChoice("type", of: DNSType.names) ?? "A"
        guard let type = DNSType(typeName), var question = DNSQuestion(try nameNode.string(), type) else {
            throw nameNode.error("name must be a name in DNS, such as example.com, not `\(try nameNode.string())`")
        }
        question.wantsRecursion = try map.optionalBool("recursion") ?? true
        let usesTLS = map.optionalNode("tls")
        var settings = DNSCheckSettings(
            server: try map.node("server").endpoint(port: usesTLS == nil ? 53 : 853), question: question)
        if let usesTLS {
            if case .mapping = usesTLS.content {
                var tls = try usesTLS.mapping("tls")
                settings.trust = try readTrust(&tls)
                try tls.finish()
                settings.usesTLS = true
            } else {
                settings.usesTLS = try usesTLS.bool()
            }
        }
        if let word = try map.optionalChoice("transport", of: WireConnection.Transport.allCases.map(\.rawValue)),
            let transport = WireConnection.Transport(rawValue: word)
        {
            settings.transport = transport
        }
        settings.addressFamily = try map.optionalNode("ip")?.addressFamily() ?? .any
        for node in map.optionalNode("rcode")?.listed() ?? [] {
            settings.rcodes.append(try node.choice(of: DNSMessage.rcodes))
        }
        settings.answers = try map.optionalNode("answers")?.dnsRules() ?? []
        settings.authority = try map.optionalNode("authority")?.dnsRules() ?? []
        settings.additional = try map.optionalNode("additional")?.dnsRules() ?? []
        settings.within = try map.optionalDuration("within", minimum: .milliseconds(1))
        try map.finish()
        return settings
    }

    /// `postgres: SOURCE` with `sql`.
    func postgresCheck(_ map: inout YAMLMapping) throws(ConfigurationError) -> CheckConfiguration.Kind {
        let node = try map.node("postgres")
        let source = try source(node, ["postgres"], for: "a postgres probe")
        guard case .postgres(let settings) = source.kind else { throw node.error("this is no postgres source") }
        return .postgres(
            source: source.name, settings, sql: try map.optionalString("sql") ?? "SELECT 1",
            within: try map.optionalDuration("within", minimum: .milliseconds(1)))
    }

    /// Commands that tell how a server is, besides those of groups.
    private static let statusCommands: Set<String> = ["PING", "ECHO", "TIME", "ROLE", "LASTSAVE", "TYPE"]

    /// `redis: SOURCE` with `run` and `expect`.
    func redisCheck(_ map: inout YAMLMapping) throws(ConfigurationError) -> CheckConfiguration.Kind {
        let node = try map.node("redis")
        let source = try source(node, ["redis"], for: "a redis probe")
        guard case .redis(let settings) = source.kind else { throw node.error("this is no redis source") }
        let run = map.optionalNode("run")
        let words = try run?.strings() ?? ["PING"]
        let allowed = Self.readingCommands.union(Self.statusCommands)
        guard let name = words.first?.uppercased(), allowed.contains(name) else {
            throw (run ?? node).error(
                "run must be a command that only reads, one of \(allowed.sorted().joined(separator: ", "))")
        }
        return .redis(
            source: source.name, settings, run: words,
            expected: try map.optionalNode("expect")?.textRules { .equals($0) } ?? [],
            within: try map.optionalDuration("within", minimum: .milliseconds(1)))
    }
}

extension YAMLNode {
    /// Data that must be among the records, a list of it, or `{ every: expression, some: ..., none: ..., not_every: ... }`.
    fileprivate func dnsRules() throws(ConfigurationError) -> [DNSRule] {
        var rules: [DNSRule] = []
        guard case .mapping = content else {
            for node in listed() { rules.append(DNSRule(demand: .some, test: .data(try node.string()))) }
            return rules
        }
        var map = try mapping(label ?? "records")
        for demand in DNSRule.Demand.allCases {
            for node in map.optionalNode(demand.rawValue)?.listed() ?? [] {
                rules.append(DNSRule(demand: demand, test: .matches(try node.pattern())))
            }
        }
        try map.finish()
        return rules
    }
}
