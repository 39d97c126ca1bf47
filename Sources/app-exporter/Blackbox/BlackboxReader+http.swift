internal import CurlClient
internal import ExporterCommand

extension BlackboxReader {
    /// Of a body without `body_size_limit`, in bytes: what is larger fails the probe, because it is kept while it is judged.
    static let largestBody = 64 << 20

    /// `http:`
    mutating func http(_ node: YAMLNode?) throws(ConfigurationError) -> HTTPCheckSettings {
        var settings = HTTPCheckSettings(url: Secret(""), target: "")
        settings.maximumRedirects = 10
        settings.maximumBodyBytes = Self.largestBody
        settings.proxy = .direct
        guard let node else { return settings }
        var map = try node.mapping("http")
        try readAddresses(&map)
        try readRequest(&map, into: &settings)
        try readClient(&map, into: &settings)
        try readExpectation(&map, into: &settings.expectation)
        try map.finish()
        return settings
    }

    // MARK: - What is sent

    private mutating func readRequest(
        _ map: inout YAMLMapping, into settings: inout HTTPCheckSettings
    ) throws(ConfigurationError) {
        if let node = map.optionalNode("method") {
            let word = try node.string()
            if word.isEmpty {
                settings.method = .get
            } else if let method = HTTPCall.Method(rawValue: word) {
                settings.method = method
            } else {
                let known = HTTPCall.Method.allCases.map(\.rawValue).joined(separator: ", ")
                refuse(node, "the method \(Shown.clipped(word)) is not offered here; known are \(known)")
            }
        }
        for entry in try map.optionalEntries("headers") {
            settings.access.headers.append((entry.key, Secret(try entry.value.string())))
        }
        for entry in try map.optionalEntries("http_headers") { try readHeader(entry, into: &settings.access) }
        let text = map.optionalNode("body")
        let file = map.optionalNode("body_file")
        if text != nil, let file { throw file.error("give body or body_file, not both") }
        settings.body = try text?.secret()
        if let file { settings.body = Secret(file: try file.path()) }
        if settings.method == .get || settings.method == .head {
            refuse(text ?? file, named: "a \(settings.method.rawValue) sends no body here; write method: POST")
        }
        if let node = map.optionalNode("body_size_limit") {
            let bytes = try node.base2Bytes()
            if bytes > 0 { settings.maximumBodyBytes = min(bytes, Self.largestBody) }
        }
        if let word = try map.optionalChoice("compression", of: ["gzip", "br", "deflate", "identity", ""]),
            !word.isEmpty
        {
            settings.acceptEncoding = word == "identity" ? nil : word
            if let index = settings.access.headers.firstIndex(where: { $0.name.lowercased() == "accept-encoding" }) {
                settings.acceptEncoding = try settings.access.headers.remove(at: index).value.value
            }
        }
    }

    /// `NAME: { values, secrets, files }`: the last one counts.
    private func readHeader(_ entry: YAMLEntry, into access: inout HTTPAccess) throws(ConfigurationError) {
        var map = try entry.value.mapping("http_headers")
        var values = try (map.optionalStrings("values") ?? []).map { Secret($0) }
        for node in try map.optionalSequence("secrets") { values.append(try node.secret()) }
        for node in try map.optionalSequence("files") { values.append(Secret(file: try node.path())) }
        try map.finish()
        guard let last = values.last else { throw entry.error("\(entry.key) needs values, secrets or files") }
        access.headers.removeAll { $0.name.lowercased() == entry.key.lowercased() }
        access.headers.append((entry.key, last))
    }

    // MARK: - How it is sent

    private mutating func readClient(
        _ map: inout YAMLMapping, into settings: inout HTTPCheckSettings
    ) throws(ConfigurationError) {
        settings.access.tls = try trust(map.optionalNode("tls_config"))
        if let follows = try map.optionalBool("follow_redirects"), !follows { settings.maximumRedirects = 0 }
        if let stays = try map.optionalBool("no_follow_redirects") { settings.maximumRedirects = stays ? 0 : 10 }
        if try map.optionalBool("enable_http2") == false { settings.version = .http11 }
        if let node = map.optionalNode("enable_http3"), try node.bool() {
            refuse(node, "HTTP/3 is not offered here; libcurl of this system does not speak it")
        }
        try readCredentials(&map, into: &settings.access)
        refuse(
            map.optionalNode("oauth2"),
            named: "oauth2 is not offered for /probe; use a flow, whose first step fetches the token")
        let exceptions = try map.optionalString("no_proxy") ?? ""
        let proxy = try map.optionalSecret("proxy_url")?.value ?? ""
        if !proxy.isEmpty {
            settings.proxy = .url(proxy, except: exceptions)
            addresses.areUnknown = true
        }
        if try map.optionalBool("proxy_from_environment") == true {
            settings.proxy = .environment
            addresses.areUnknown = true
        }
        refuse(map.optionalNode("proxy_connect_header"), named: "proxy_connect_header is not offered here")
        _ = try map.optionalBool("skip_resolve_phase_with_proxy")
    }

    private mutating func readCredentials(
        _ map: inout YAMLMapping, into access: inout HTTPAccess
    ) throws(ConfigurationError) {
        if let node = map.optionalNode("basic_auth") {
            var basic = try node.mapping("basic_auth")
            let user = try basic.optionalString("username")
            let userFile = try basic.optionalPath("username_file")
            let password = try basic.optionalSecret("password")
            let passwordFile = try basic.optionalPath("password_file")
            try basic.finish()
            if user != nil && userFile != nil || password != nil && passwordFile != nil {
                throw node.error("give username and password, or the files of them, not both")
            }
            var name = user ?? ""
            if let userFile { name = try Secret(file: userFile).value }
            access.credentials = .basic(
                user: name, password: password ?? passwordFile.map { Secret(file: $0) } ?? Secret(""))
        }
        let files = (map.optionalNode("bearer_token"), map.optionalNode("bearer_token_file"))
        if let node = files.0 { access.credentials = .bearer(try node.secret()) }
        if let node = files.1 { access.credentials = .bearer(Secret(file: try node.path())) }
        guard let node = map.optionalNode("authorization") else { return }
        var own = try node.mapping("authorization")
        let type = try own.optionalString("type") ?? "Bearer"
        let credentials = try own.optionalSecret("credentials")
        let file = try own.optionalPath("credentials_file")
        try own.finish()
        guard let secret = credentials ?? file.map({ Secret(file: $0) }), credentials == nil || file == nil else {
            throw node.error("authorization needs credentials or credentials_file, one of them")
        }
        if type.lowercased() == "bearer" {
            access.credentials = .bearer(secret)
        } else if file != nil {
            refuse(node, "credentials_file is offered for the type Bearer only; use http_headers with files")
        } else {
            access.headers.append(("Authorization", Secret("\(type) \(try secret.value)")))
        }
    }

    // MARK: - What must come back

    private mutating func readExpectation(
        _ map: inout YAMLMapping, into expectation: inout HTTPExpectation
    ) throws(ConfigurationError) {
        for node in try map.optionalSequence("valid_status_codes") {
            let code = try node.int(in: 100...999)
            expectation.statuses.append(code...code)
        }
        for node in try map.optionalSequence("valid_http_versions") {
            let word = try node.choice(of: ["HTTP/1.0", "HTTP/1.1", "HTTP/2", "HTTP/2.0", "HTTP/3.0"])
            expectation.versions.append(Double(word.dropFirst(5)) ?? 0)
        }
        let mustBePlain = try map.optionalBool("fail_if_ssl") ?? false
        let mustBeTLS = map.optionalNode("fail_if_not_ssl")
        if try mustBeTLS?.bool() == true {
            expectation.tls = true
            if mustBePlain, let mustBeTLS { throw mustBeTLS.error("fail_if_ssl is true too, so nothing could pass") }
        } else if mustBePlain {
            expectation.tls = false
        }
        for (key, isWanted) in [("fail_if_body_matches_regexp", false), ("fail_if_body_not_matches_regexp", true)] {
            for pattern in try map.optionalNode(key)?.patterns() ?? [] {
                expectation.body.append(TextRule(test: .matches(pattern), isWanted: isWanted))
            }
        }
        for (key, isWanted) in [("fail_if_header_matches", false), ("fail_if_header_not_matches", true)] {
            for node in try map.optionalSequence(key) {
                expectation.headers += try headerRules(node, isWanted: isWanted)
            }
        }
        for key in ["fail_if_body_json_matches_cel", "fail_if_body_json_not_matches_cel"] {
            refuse(
                map.optionalNode(key),
                named: "CEL is not offered here; use probes: with expect: { json: EXPRESSION }, in jq")
        }
    }

    private func headerRules(
        _ node: YAMLNode, isWanted: Bool
    ) throws(ConfigurationError) -> [HTTPExpectation.HeaderRule] {
        var map = try node.mapping("a rule about a header")
        let name = try map.string("header")
        let pattern = try map.node("regexp").pattern()
        let mayBeAbsent = try map.optionalBool("allow_missing") ?? false
        try map.finish()
        let rule = HTTPExpectation.HeaderRule(
            name: name, rule: TextRule(test: .matches(pattern), isWanted: isWanted), mayBeAbsent: mayBeAbsent)
        guard !isWanted, !mayBeAbsent else { return [rule] }
        // Also what must not match must be there.
        return [HTTPExpectation.HeaderRule(name: name, rule: TextRule(test: .contains(""))), rule]
    }
}

extension YAMLNode {
    /// `10MB`, `512KiB`, `0`: units are powers of 1024, as blackbox_exporter reads them.
    fileprivate func base2Bytes() throws(ConfigurationError) -> Int {
        let text = try string()
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let units = [
            "": 1, "B": 1, "KB": 1 << 10, "KIB": 1 << 10, "MB": 1 << 20, "MIB": 1 << 20, "GB": 1 << 30, "GIB": 1 << 30,
        ]
        guard let count = Int(digits), count < 1 << 30,
            let unit = units[text.dropFirst(digits.count).uppercased()]
        else { throw error("\(label ?? "the value") must be a size such as 10MB, not `\(Shown.clipped(text))`") }
        return count * unit
    }
}
