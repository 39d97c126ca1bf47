internal import ExporterCommand
internal import PostgresClient

/// What the file of `--config.file` says: postgres_exporter's `auth_modules`, and which servers `/probe` may ask.
struct ExporterConfiguration: Sendable {
    var modules: [String: AuthModule] = [:]
    var probeTargets = AllowedTargets([])

    /// Nothing.
    init() {}

    /// Reads the file.
    ///
    /// - Throws: file, line, column and what to write instead.
    init(_ document: YAMLDocument) throws(ConfigurationError) {
        let root = document.root
        guard !root.isNull else { return }
        var map = try root.mapping("the configuration")
        for entry in try map.optionalEntries("auth_modules") {
            modules[entry.key] = try Self.module(entry)
        }
        if var probe = try map.optionalMapping("probe") {
            probeTargets = AllowedTargets(try probe.optionalStrings("targets") ?? [])
            try probe.finish()
        }
        try map.finish()
    }

    private static func module(_ entry: YAMLEntry) throws(ConfigurationError) -> AuthModule {
        var map = try entry.value.mapping("the auth_module \(entry.key)")
        let type = try map.optionalChoice("type", of: ["userpass", "libpq"]) ?? "userpass"
        var options: [(keyword: String, value: String)] = []
        for option in try map.optionalEntries("options") { options.append((option.key, try option.value.string())) }
        let targets = AllowedTargets(try map.optionalStrings("targets") ?? [])
        var login = AuthModule.Login.libpq
        if type == "userpass" {
            login = .incomplete
            if var user = try map.optionalMapping("userpass") {
                let name = try user.optionalString("username") ?? ""
                if let password = try user.optionalSecret("password"), !name.isEmpty {
                    login = .user(name, password)
                }
                try user.finish()
            }
        }
        try map.finish()
        return AuthModule(login: login, options: options, targets: targets)
    }
}
