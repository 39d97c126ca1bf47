internal import CurlClient
internal import ExporterCommand
internal import ExporterKit

extension ConfigurationReader {
    /// The keys of a check with `http:`.
    func httpCheck(
        _ map: inout YAMLMapping, _ defaults: ProbeDefaults
    ) throws(ConfigurationError) -> HTTPCheckSettings {
        let urlNode = try map.node("http")
        let url = try urlNode.secret()
        var settings = HTTPCheckSettings(url: url, target: "\(try target(of: url, at: urlNode))")
        let methods = HTTPCall.Method.allCases.map(\.rawValue)
        if let word = try map.optionalChoice("method", of: methods), let method = HTTPCall.Method(rawValue: word) {
            settings.method = method
        }
        if let node = map.optionalNode("body") {
            guard ![.get, .head].contains(settings.method) else {
                throw node.error("a \(settings.method.rawValue) has no body; write method: POST")
            }
            settings.body = try node.secret()
        }
        settings.access = try readAccess(&map)
        settings.maximumRedirects = try map.optionalNode("follow_redirects")?.redirects() ?? defaults.maximumRedirects
        settings.maximumBodyBytes = try map.optionalNode("max_body")?.byteCount() ?? settings.maximumBodyBytes
        settings.addressFamily = try map.optionalNode("ip")?.addressFamily() ?? .any
        let versions = HTTPCall.Version.allCases.map(\.rawValue)
        settings.version = try map.optionalChoice("http_version", of: versions).flatMap(HTTPCall.Version.init)
        settings.acceptEncoding = try map.optionalChoice("compression", of: ["gzip", "br", "deflate", "zstd"])
        settings.showsCertificate = try map.optionalBool("certificate") ?? true
        if let node = map.optionalNode("expect") { settings.expectation = try httpExpectation(node) }
        return settings
    }

    /// `expect:` of an HTTP check, or of a step of a flow.
    func httpExpectation(_ node: YAMLNode) throws(ConfigurationError) -> HTTPExpectation {
        var map = try node.mapping("expect")
        var expectation = HTTPExpectation()
        if let node = map.optionalNode("status") { expectation.statuses = try node.statuses() }
        if let node = map.optionalNode("headers") {
            for entry in try node.entries() {
                for rule in try entry.value.textRules(plain: { .equals($0) }) {
                    expectation.headers.append(HTTPExpectation.HeaderRule(name: entry.key, rule: rule))
                }
            }
        }
        expectation.body = try map.optionalNode("body")?.textRules { .contains($0) } ?? []
        expectation.json = try map.optionalNode("json")?.jqPrograms() ?? []
        expectation.within = try map.optionalDuration("within", minimum: .milliseconds(1))
        if let node = map.optionalNode("http_version") { expectation.versions = try node.httpVersions() }
        expectation.tls = try map.optionalBool("tls")
        try map.finish()
        return expectation
    }
}

extension YAMLNode {
    /// `4` or `6`
    func addressFamily() throws(ConfigurationError) -> HTTPCall.AddressFamily {
        try choice(of: ["4", "6"]) == "4" ? .v4 : .v6
    }

    /// The node itself, or the items when it is a list.
    func listed() -> [YAMLNode] {
        if case .sequence(let items) = content { items } else { [self] }
    }

    /// `200`, `2xx`, `200-204`, or a list of these.
    fileprivate func statuses() throws(ConfigurationError) -> [ClosedRange<Int>] {
        var ranges: [ClosedRange<Int>] = []
        for node in listed() {
            let text = try node.string()
            let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            if text.count == 3, text.hasSuffix("xx"), let hundred = Int(text.prefix(1)), (1...5).contains(hundred) {
                ranges.append((hundred * 100)...(hundred * 100 + 99))
            } else if ends.count == 1, let code = ends[0], (100...599).contains(code) {
                ranges.append(code...code)
            } else if ends.count == 2, let low = ends[0], let high = ends[1], 100 <= low, low <= high, high <= 599 {
                ranges.append(low...high)
            } else {
                throw node.error("status must be like 200, 2xx or 200-204, between 100 and 599, not `\(text)`")
            }
        }
        return ranges
    }

    fileprivate func httpVersions() throws(ConfigurationError) -> [Double] {
        var versions: [Double] = []
        for node in listed() {
            let word = try node.choice(of: ["1.0", "1.1", "2", "2.0", "3", "3.0"])
            versions.append(Double(word) ?? 0)
        }
        return versions
    }

    /// An expression, a list of them, or `{ expression: value }` for equality.
    fileprivate func jqPrograms() throws(ConfigurationError) -> [JqProgram] {
        var programs: [JqProgram] = []
        guard case .mapping(let entries) = content else {
            for node in listed() { programs.append(try node.jq()) }
            return programs
        }
        for entry in entries { programs.append(try entry.equality()) }
        return programs
    }
}

extension YAMLEntry {
    /// `.status: ok` as `(.status) | . == "ok"`. What could be a number, true, false or null may be that as well.
    fileprivate func equality() throws(ConfigurationError) -> JqProgram {
        let text = try value.string()
        let isWord = ["true", "false", "null"].contains(text) || Double(text) != nil
        let quoted = "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        do throws(JqError) {
            return try JqProgram("(\(key)) | . == \(quoted)\(isWord ? " or . == \(text)" : "")")
        } catch {
            throw self.error("`\(key)` is not a jq expression: \(error)")
        }
    }
}
