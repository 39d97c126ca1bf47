internal import CurlClient
internal import ExporterCommand
internal import PostgresClient
internal import RedisClient
internal import TLSClient

extension ConfigurationReader {
    /// `sources:` what can be asked.
    mutating func readSources(_ node: YAMLNode) throws(ConfigurationError) {
        for entry in try node.entries() {
            try entry.checkName("source")
            var map = try entry.value.mapping("source \(entry.key)")
            var kinds: [SourceConfiguration.Kind] = []
            if let node = map.optionalNode("postgres") { kinds.append(.postgres(try postgres(node))) }
            if let node = map.optionalNode("redis") { kinds.append(.redis(try redis(node))) }
            if let node = map.optionalNode("http") { kinds.append(.http(try http(node))) }
            try map.finish()
            guard let kind = kinds.first, kinds.count == 1 else {
                throw entry.error("source \(entry.key) needs exactly one of postgres, redis, http")
            }
            configuration.sources[entry.key] = SourceConfiguration(name: entry.key, kind: kind)
        }
    }

    private func postgres(_ node: YAMLNode) throws(ConfigurationError) -> PostgresSettings {
        var map = try node.mapping("a postgres source")
        let dsnNode = try map.node("dsn")
        let dsn = try dsnNode.secret()
        let settings = PostgresSettings(
            dsn: dsn, password: try map.optionalSecret("password"),
            statementTimeout: try map.optionalDuration("statement_timeout", minimum: .milliseconds(1)) ?? .seconds(30),
            maximumConnections: try map.optionalInt("max_connections", in: 1...16) ?? 2)
        try map.finish()
        let text = try dsn.value
        do throws(PostgresError) { _ = try PostgresTarget(conninfo: text) } catch { throw dsnNode.error("\(error)") }
        return settings
    }

    private func redis(_ node: YAMLNode) throws(ConfigurationError) -> RedisSettings {
        var map = try node.mapping("a redis source")
        let urlNode = try map.node("url")
        let url = try urlNode.secret()
        let settings = RedisSettings(
            url: url, password: try map.optionalSecret("password"),
            timeout: try map.optionalDuration("timeout", minimum: .milliseconds(1)))
        try map.finish()
        let text = try url.value
        do throws(RedisAddressError) { _ = try RedisOptions(url: text) } catch { throw urlNode.error("\(error)") }
        return settings
    }

    /// Headers, credentials and trust: the same keys for sources and checks.
    func readAccess(_ map: inout YAMLMapping) throws(ConfigurationError) -> HTTPAccess {
        var access = HTTPAccess()
        if let node = map.optionalNode("headers") {
            for entry in try node.entries() { access.headers.append((entry.key, try entry.value.secret())) }
        }
        if let token = try map.optionalSecret("bearer") { access.credentials = .bearer(token) }
        if let node = map.optionalNode("basic_auth") {
            var basic = try node.mapping("basic_auth")
            let user = try basic.secret("user").value
            let password = try basic.secret("password")
            try basic.finish()
            guard access.credentials == nil else { throw node.error("give bearer or basic_auth, not both") }
            access.credentials = .basic(user: user, password: password)
        }
        if var tls = try map.optionalMapping("tls") {
            access.tls.authorityFile = try tls.optionalPath("ca")
            access.tls.certificateFile = try tls.optionalPath("cert")
            access.tls.keyFile = try tls.optionalPath("key")
            access.tls.serverName = try tls.optionalString("server_name")
            access.tls.verifies = try tls.optionalBool("insecure_skip_verify") != true
            access.tls.minimumVersion = try tls.optionalNode("min_version")?.tlsVersion()
            try tls.finish()
        }
        return access
    }

    /// - Throws: when the secret is no http or https URL; the URL itself is not repeated.
    func target(of url: Secret, at node: YAMLNode) throws(ConfigurationError) -> HTTPTarget {
        let text = try url.value
        do throws(CurlError) { return try HTTPTarget(text) } catch {
            throw node.error("\(node.label ?? "url"): \(error)")
        }
    }
}

extension YAMLNode {
    /// `1.2`
    func tlsVersion() throws(ConfigurationError) -> TLSOptions.Version? {
        TLSOptions.Version(rawValue: try choice(of: TLSOptions.Version.allCases.map(\.rawValue)))
    }
}
