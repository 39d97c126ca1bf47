internal import CurlClient
internal import ExporterCommand
internal import ExporterKit

extension ConfigurationReader {
    /// `http:` of a source.
    func http(_ node: YAMLNode) throws(ConfigurationError) -> HTTPSettings {
        var map = try node.mapping("an http source")
        let baseNode = try map.node("base")
        let base = try baseNode.secret()
        _ = try target(of: base, at: baseNode)
        var access = try readAccess(&map)
        if let node = map.optionalNode("oauth2") {
            guard access.credentials == nil else { throw node.error("give one of bearer, basic_auth and oauth2") }
            access.credentials = .oauth(try oauth(node))
        }
        var settings = HTTPSettings(base: base, access: access)
        if let size = try map.optionalNode("max_body")?.byteCount() { settings.maximumBodyBytes = size }
        settings.rate = try map.optionalNode("rate")?.rate()
        if let node = map.optionalNode("retry") { settings.retry = try retry(node) }
        if let width = try map.optionalInt("max_connections", in: 1...64) { settings.maximumConnections = width }
        settings.followsRedirects = try map.optionalBool("follow_redirects") ?? false
        try map.finish()
        return settings
    }

    /// `{ token_url, client_id, client_secret, scopes, endpoint_params, auth: basic | body }`
    private func oauth(_ node: YAMLNode) throws(ConfigurationError) -> OAuthClient {
        var map = try node.mapping("oauth2")
        let urlNode = try map.node("token_url")
        let url = try urlNode.secret()
        _ = try target(of: url, at: urlNode)
        var parameters: [(name: String, value: Secret)] = []
        let identifier = try map.secret("client_id")
        let secret = try map.secret("client_secret")
        let scopes = try map.optionalStrings("scopes") ?? []
        for entry in try map.optionalEntries("endpoint_params") {
            parameters.append((entry.key, try entry.value.secret()))
        }
        let way = try map.optionalChoice("auth", of: ["basic", "body"])
        try map.finish()
        return OAuthClient(
            tokenURL: url, identifier: identifier, secret: secret, scopes: scopes, parameters: parameters,
            authenticatesInBody: way == "body")
    }

    /// `{ attempts: 3, after: [network, 409, 5xx, lock_timeout], backoff: 500ms..5s }`
    private func retry(_ node: YAMLNode) throws(ConfigurationError) -> RetryPolicy {
        var map = try node.mapping("retry")
        var policy = RetryPolicy()
        policy.attempts = try map.int("attempts", in: 1...10)
        let causes = try map.node("after")
        for node in try causes.sequence() { policy.causes.insert(try node.retryCause()) }
        if policy.causes.isEmpty { throw causes.error("after is empty; write for example [network, 5xx]") }
        if let node = map.optionalNode("backoff") {
            let ends = try node.string().split(separator: "..").map { DurationText.parse(String($0)) }
            guard ends.count == 2, let first = ends[0], let longest = ends[1], first > .zero, first <= longest else {
                throw node.error("backoff must be two times such as 500ms..5s, the shorter one first")
            }
            policy.firstPause = first
            policy.longestPause = longest
        }
        try map.finish()
        return policy
    }
}

extension YAMLNode {
    fileprivate func retryCause() throws(ConfigurationError) -> RetryPolicy.Cause {
        let text = try string()
        if text == "network" { return .network }
        if text == "lock_timeout" { return .lockTimeout }
        if let status = Int(text), (400...599).contains(status) { return .status(status) }
        if text.count == 3, text.hasSuffix("xx"), let first = Int(text.prefix(1)), first == 4 || first == 5 {
            return .statusClass(first)
        }
        throw error("after takes network, lock_timeout, a status such as 409 and 4xx or 5xx, not `\(text)`")
    }

    /// `5/s`, `100/m`, `1000/h` as requests per second.
    fileprivate func rate() throws(ConfigurationError) -> Double {
        let text = try string()
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        let units: [Substring: Double] = ["s": 1, "m": 60, "h": 3_600]
        guard halves.count == 2, let count = Double(halves[0]), count > 0, count <= 10_000, let unit = units[halves[1]]
        else { throw error("rate must be requests per time such as 5/s, 100/m or 1000/h, not `\(text)`") }
        return count / unit
    }
}
