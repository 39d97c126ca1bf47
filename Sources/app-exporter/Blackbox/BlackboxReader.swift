internal import CurlClient
internal import ExporterCommand
internal import TLSClient

/// Reads one module. A key that nobody knows is an error; one that is known and does nothing here is a refusal, which costs
/// this module only.
struct BlackboxReader {
    private(set) var refusals: [ConfigurationError] = []
    var addresses = BlackboxAddresses()

    private static let probers = ["http", "tcp", "dns", "grpc", "icmp", "unix", "websocket"]

    static func module(_ entry: YAMLEntry) throws(ConfigurationError) -> BlackboxModule {
        var map = try entry.value.mapping("module \(entry.key)")
        let proberNode = try map.node("prober")
        let word = try proberNode.choice(of: probers)
        let timeout = try map.optionalDuration("timeout") ?? .zero
        var chosen = BlackboxReader()
        var prober = BlackboxModule.Prober.none
        // Every section is read, so that a misspelt key shows; what one that is not used asks for does not matter.
        for section in probers {
            let node = map.optionalNode(section)
            guard node != nil || section == word else { continue }
            var reader = BlackboxReader()
            let read = try reader.prober(section, node, at: proberNode)
            if section == word { (chosen, prober) = (reader, read) }
        }
        try map.finish()
        return BlackboxModule(
            name: entry.key, prober: prober, timeout: timeout > .zero ? timeout : nil, addresses: chosen.addresses,
            refusals: chosen.refusals, source: entry.value)
    }

    private mutating func prober(
        _ section: String, _ node: YAMLNode?, at place: YAMLNode
    ) throws(ConfigurationError) -> BlackboxModule.Prober {
        switch section {
        case "http": return .http(try http(node))
        case "tcp": return .tcp(try tcp(node))
        case "dns":
            guard let node else { throw place.error("a dns module needs dns: { query_name: NAME }") }
            return .dns(try dns(node))
        case "grpc": return .grpc(try grpc(node))
        default:
            try other(section, node)
            refuse(place, "\(section) probes are not offered here; keep blackbox_exporter for them")
            return .none
        }
    }

    // MARK: - Common

    mutating func refuse(_ node: YAMLNode, _ text: String) { refusals.append(node.error(text)) }

    mutating func refuse(_ node: YAMLNode?, named text: String) {
        if let node { refuse(node, text) }
    }

    mutating func readAddresses(_ map: inout YAMLMapping) throws(ConfigurationError) {
        addresses.prefersIPv4 = try map.optionalChoice("preferred_ip_protocol", of: ["ip4", "ip6"]) == "ip4"
        addresses.fallsBack = try map.optionalBool("ip_protocol_fallback") ?? true
    }

    mutating func refuseSourceAddress(_ map: inout YAMLMapping) throws(ConfigurationError) {
        guard let node = map.optionalNode("source_ip_address"), try !node.string().isEmpty else { return }
        refuse(node, "a source address cannot be chosen here; set it by a route of this host")
    }

    /// `tls_config:`
    mutating func trust(_ node: YAMLNode?) throws(ConfigurationError) -> HTTPTrust {
        var trust = HTTPTrust()
        guard let node else { return trust }
        var map = try node.mapping("tls_config")
        trust.verifies = try map.optionalBool("insecure_skip_verify") != true
        trust.authorityFile = try map.optionalPath("ca_file")
        trust.certificateFile = try map.optionalPath("cert_file")
        trust.keyFile = try map.optionalPath("key_file")
        trust.serverName = try map.optionalString("server_name")
        if let node = map.optionalNode("min_version") { trust.minimumVersion = try Self.version(node) }
        if let node = map.optionalNode("max_version"), try Self.version(node) != .tls13 {
            refuse(node, "max_version cannot be limited here")
        }
        for key in ["ca", "cert", "key"] {
            refuse(map.optionalNode(key), named: "\(key) inside of the file is not offered; use \(key)_file")
        }
        try map.finish()
        return trust
    }

    private static func version(_ node: YAMLNode) throws(ConfigurationError) -> TLSOptions.Version? {
        switch try node.choice(of: ["TLS10", "TLS11", "TLS12", "TLS13"]) {
        case "TLS10": .tls10
        case "TLS11": .tls11
        case "TLS12": .tls12
        default: .tls13
        }
    }

    /// Known keys of what is not offered, so that a misspelt one is an error all the same.
    private func other(_ section: String, _ node: YAMLNode?) throws(ConfigurationError) {
        guard let node else { return }
        var map = try node.mapping(section)
        var keys = ["preferred_ip_protocol", "ip_protocol_fallback"]
        switch section {
        case "icmp": keys += ["source_ip_address", "dont_fragment", "payload_size", "ttl"]
        case "unix": keys = ["query_response", "tls", "tls_config"]
        default: keys += ["http_config", "headers", "query_response"]
        }
        for key in keys { _ = map.optionalNode(key) }
        try map.finish()
    }
}

extension YAMLNode {
    /// Compiled expressions of a list.
    func patterns() throws(ConfigurationError) -> [Pattern] {
        var patterns: [Pattern] = []
        for node in try sequence() { patterns.append(try node.pattern()) }
        return patterns
    }
}
