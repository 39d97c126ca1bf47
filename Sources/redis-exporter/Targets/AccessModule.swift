internal import ExporterCommand
internal import RedisClient

/// How the exporter logs in to some servers: one entry of `modules` in the file of `--config.file`.
struct AccessModule: Sendable {
    let name: String
    /// Servers that may be given these credentials; never empty.
    let targets: AllowedTargets
    /// `nil` for the user of the address, or the default user.
    let user: String?
    /// Read for each new connection; `nil` sends none, not even that of the flags.
    let password: Secret?
    /// `nil` leaves it to the scheme of the address and to the flags.
    let tls: RedisTLS?
}

/// What the file of `--config.file` says.
struct AccessFile: Sendable {
    /// In the order of the file: of those that fit a server the first counts.
    let modules: [AccessModule]

    /// Nothing.
    init() { modules = [] }

    /// Reads the file and everything it names.
    ///
    /// - Throws: file, line, column and what to write instead.
    init(_ document: YAMLDocument) throws(ConfigurationError) {
        var modules: [AccessModule] = []
        if !document.root.isNull {
            var map = try document.root.mapping("the configuration")
            for entry in try map.optionalEntries("modules") { modules.append(try Self.module(entry)) }
            try map.finish()
        }
        self.modules = modules
    }

    private static func module(_ entry: YAMLEntry) throws(ConfigurationError) -> AccessModule {
        var map = try entry.value.mapping("the module \(entry.key)")
        let targets = try map.node("targets")
        let patterns = try targets.strings()
        guard !patterns.isEmpty else {
            throw targets.error("targets must name the servers that get these credentials, as HOST or HOST:PORT")
        }
        let user = try map.optionalString("user")
        let password = try map.optionalSecret("password")
        let tls = try map.optionalMapping("tls").map { map throws(ConfigurationError) in try Self.tls(map) }
        try map.finish()
        return AccessModule(
            name: entry.key, targets: AllowedTargets(patterns), user: user, password: password, tls: tls)
    }

    private static func tls(_ map: YAMLMapping) throws(ConfigurationError) -> RedisTLS {
        var map = map
        let tls = RedisTLS(
            caFile: try map.optionalPath("ca_file"), certificateFile: try map.optionalPath("cert_file"),
            keyFile: try map.optionalPath("key_file"), serverName: try map.optionalString("server_name"),
            skipVerification: try map.optionalBool("insecure_skip_verify") ?? false)
        try map.finish()
        do throws(RedisError) { try tls.check() } catch { throw map.error(error.message) }
        return tls
    }
}
