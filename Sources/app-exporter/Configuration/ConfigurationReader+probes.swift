internal import ExporterCommand
internal import ExporterKit

extension ConfigurationReader {
    /// `probes:` synthetic checks.
    mutating func readProbes(_ node: YAMLNode) throws(ConfigurationError) {
        var base = defaults
        base.interval = .seconds(30)
        base.timeout = .seconds(10)
        var follows = false
        let entries = try node.entries()
        if let entry = entries.first(where: { $0.key == "defaults" }) {
            var map = try entry.value.mapping("defaults of probes")
            base.interval = try map.optionalDuration("interval", minimum: .seconds(1)) ?? base.interval
            base.timeout = try map.optionalDuration("timeout", minimum: .milliseconds(1)) ?? base.timeout
            follows = try map.optionalBool("follow_redirects") ?? follows
            try map.finish()
        }
        for entry in entries where entry.key != "defaults" {
            try entry.checkName("probe")
            configuration.checks.append(try check(entry, base, follows))
        }
    }

    private func check(
        _ entry: YAMLEntry, _ base: Defaults, _ follows: Bool
    ) throws(ConfigurationError) -> CheckConfiguration {
        var map = try entry.value.mapping("probe \(entry.key)")
        let urlNode = try map.node("http")
        let url = try urlNode.secret()
        let target = try target(of: url, at: urlNode)
        let timing = try readTiming(&map, base)
        let isFollowing = try map.optionalBool("follow_redirects") ?? follows
        let access = try readAccess(&map)
        let limit = try map.optionalNode("max_body")?.byteCount() ?? 1 << 20
        var expectation = CheckConfiguration.Expectation()
        if let node = map.optionalNode("expect") { expectation = try self.expectation(node) }
        try map.finish()
        return CheckConfiguration(
            name: entry.key, url: url, target: "\(target)", timing: timing, access: access,
            maximumRedirects: isFollowing ? 10 : 0, maximumBodyBytes: limit, expectation: expectation)
    }

    private func expectation(_ node: YAMLNode) throws(ConfigurationError) -> CheckConfiguration.Expectation {
        var map = try node.mapping("expect")
        var expectation = CheckConfiguration.Expectation()
        if let node = map.optionalNode("status") {
            var nodes = [node]
            if case .sequence(let items) = node.content { nodes = items }
            for item in nodes { expectation.statuses.append(try item.int(in: 100...599)) }
        }
        expectation.body = try map.optionalString("body")
        expectation.json = try map.optionalNode("json")?.jqOrNil()
        expectation.within = try map.optionalDuration("within", minimum: .milliseconds(1))
        try map.finish()
        return expectation
    }
}

extension YAMLNode {
    fileprivate func jqOrNil() throws(ConfigurationError) -> JqProgram? { try jq() }
}
