internal import ExporterCommand

/// The flags about login and TLS of the exporter's own port, under the names of redis_exporter; `--web.config.file` can do
/// the same and more.
enum WebFlags {
    private static let group = "Web, as in redis_exporter"

    static let all: [Flag] = [
        .string(
            "basic-auth-username", environment: "REDIS_EXPORTER_BASIC_AUTH_USERNAME", group: group,
            help: "User who must log in to ask anything; needs a password or its hash."),
        .string(
            "basic-auth-password", environment: "REDIS_EXPORTER_BASIC_AUTH_PASSWORD", group: group,
            help: "Password of that user; everybody who can list processes sees it, a hash is better."),
        .string(
            "basic-auth-hash-password", environment: "REDIS_EXPORTER_BASIC_AUTH_HASH_PASSWORD", group: group,
            help: "The bcrypt hash of that password instead."),
        .string(
            "tls-server-cert-file", environment: "REDIS_EXPORTER_TLS_SERVER_CERT_FILE", group: group,
            help: "PEM file of the certificate to serve HTTPS with; needs --tls-server-key-file."),
        .string(
            "tls-server-key-file", environment: "REDIS_EXPORTER_TLS_SERVER_KEY_FILE", group: group,
            help: "PEM file of its key; needs --tls-server-cert-file."),
        .string(
            "tls-server-ca-cert-file", environment: "REDIS_EXPORTER_TLS_SERVER_CA_CERT_FILE", group: group,
            help: "PEM file of the authority whose clients alone are let in."),
        .string(
            "tls-server-min-version", default: "TLS1.2", environment: "REDIS_EXPORTER_TLS_SERVER_MIN_VERSION",
            group: group, help: "Oldest version of TLS to speak: TLS1.0, TLS1.1, TLS1.2 or TLS1.3."),
    ]

    /// What they ask for.
    ///
    /// - Throws: half of a pair, a hash that is none, an unknown version.
    static func overrides(_ flags: FlagValues) throws(UsageError) -> WebOverrides {
        var overrides = WebOverrides()
        try readLogin(flags, into: &overrides)
        try readTLS(flags, into: &overrides)
        return overrides
    }

    private static func readLogin(_ flags: FlagValues, into overrides: inout WebOverrides) throws(UsageError) {
        let (plain, hash) = ("basic-auth-password", "basic-auth-hash-password")
        let given = [plain, hash].filter { flags.nonEmpty($0) != nil }
        guard given.count < 2 else {
            throw UsageError("\(flags.origin(plain)) and \(flags.origin(hash)) are both given; keep the hash")
        }
        let user = flags.nonEmpty("basic-auth-username")
        guard let secret = given.first else {
            guard user == nil else {
                throw UsageError(
                    "\(flags.origin("basic-auth-username")): needs --\(hash) or --\(plain); without it anybody may ask")
            }
            return
        }
        guard let user else {
            throw UsageError("\(flags.origin(secret)): needs --basic-auth-username; without it anybody may ask")
        }
        try overrides.admit(
            user, secret: flags.string(secret), isHash: secret == hash, from: flags.origin(secret))
    }

    private static func readTLS(_ flags: FlagValues, into overrides: inout WebOverrides) throws(UsageError) {
        let (certificate, key) = ("tls-server-cert-file", "tls-server-key-file")
        let given = [certificate, key, "tls-server-ca-cert-file"].filter { flags.nonEmpty($0) != nil }
        guard let first = given.first else { return }
        guard let certificateFile = flags.nonEmpty(certificate), let keyFile = flags.nonEmpty(key) else {
            throw UsageError(
                "\(flags.origin(first)): HTTPS needs both --\(certificate) and --\(key); without them it is plain HTTP")
        }
        try overrides.secure(
            WebOverrides.TLS(
                certificateFile: certificateFile, keyFile: keyFile,
                clientCAFile: flags.nonEmpty("tls-server-ca-cert-file"),
                minimumVersion: flags.string("tls-server-min-version")),
            from: flags.origin(certificate), versionOrigin: flags.origin("tls-server-min-version"))
    }
}
