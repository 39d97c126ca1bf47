internal import ExporterCommand
internal import ExporterKit

extension ConfigurationReader {
    /// What `probes: defaults:` says.
    struct ProbeDefaults {
        var base: Defaults
        var maximumRedirects = 0
    }

    /// `probes:` synthetic checks.
    mutating func readProbes(_ node: YAMLNode) throws(ConfigurationError) {
        var probes = ProbeDefaults(base: defaults)
        probes.base.interval = .seconds(30)
        probes.base.timeout = .seconds(10)
        let entries = try node.entries()
        if let entry = entries.first(where: { $0.key == "defaults" }) {
            var map = try entry.value.mapping("defaults of probes")
            probes.base.interval = try map.optionalDuration("interval", minimum: .seconds(1)) ?? probes.base.interval
            probes.base.timeout =
                try map.optionalDuration("timeout", minimum: .milliseconds(1)) ?? probes.base.timeout
            probes.maximumRedirects = try map.optionalNode("follow_redirects")?.redirects() ?? 0
            try map.finish()
        }
        for entry in entries where entry.key != "defaults" {
            try entry.checkName("probe")
            configuration.checks.append(try check(entry, probes))
        }
    }

    private func check(
        _ entry: YAMLEntry, _ defaults: ProbeDefaults
    ) throws(ConfigurationError) -> CheckConfiguration {
        var map = try entry.value.mapping("probe \(entry.key)")
        let timing = try readTiming(&map, defaults.base)
        let kind = try kind(of: entry, &map, defaults)
        try map.finish()
        return CheckConfiguration(name: entry.key, timing: timing, kind: kind)
    }
}

extension ConfigurationReader {
    /// The keys that say what is asked.
    private static let kinds = ["http", "tls", "tcp", "dns", "postgres", "redis"]

    private func kind(
        of entry: YAMLEntry, _ map: inout YAMLMapping, _ defaults: ProbeDefaults
    ) throws(ConfigurationError) -> CheckConfiguration.Kind {
        let keys = try entry.value.entries().map(\.key)
        // Beside `http`, `tls` says whom to trust.
        let given = Self.kinds.filter { keys.contains($0) && ($0 != "tls" || !keys.contains("http")) }
        guard given.count < 2 else {
            throw entry.error("probe \(entry.key) has \(given.joined(separator: " and ")); make two probes of it")
        }
        switch given.first {
        case "tls"?: return .tls(try tlsCheck(try map.node("tls")))
        case "tcp"?: return .tcp(try tcpCheck(try map.node("tcp")))
        case "dns"?: return .dns(try dnsCheck(try map.node("dns")))
        case "postgres"?: return try postgresCheck(&map)
        case "redis"?: return try redisCheck(&map)
        case "http"?: return .http(try httpCheck(&map, defaults))
        default:
            // Of what was written instead, the first key that nobody knows is told with the known ones.
            for key in Self.kinds { _ = map.optionalNode(key) }
            try map.finish()
            throw entry.error("probe \(entry.key) needs one of \(Self.kinds.joined(separator: ", "))")
        }
    }
}

extension YAMLNode {
    /// `true`, `false`, or how many.
    func redirects() throws(ConfigurationError) -> Int {
        switch try string() {
        case "true": 10
        case "false": 0
        default: try int(in: 0...50)
        }
    }
}
