/// What a `web.config.yml` says, checked but for its certificates.
struct WebDocument: Sendable {
    /// `rate_limit`.
    struct RateLimit: Sendable, Equatable {
        let interval: Duration
        let burst: Int
    }

    /// `nil` for plain HTTP.
    private(set) var tls: TLSSettings?
    let http2: Bool
    let headers: [(name: String, value: String)]
    /// By the bytes of the name; empty lets everybody in.
    private(set) var users: [[UInt8]: BcryptHash]
    /// `nil` for no limit.
    let rateLimit: RateLimit?

    /// Reads a file.
    ///
    /// - Throws: the first thing that is wrong, with file, line and column.
    init(file: String) throws(ConfigurationError) {
        try FileStates.requireRegularFile(file)
        try self.init(try YAMLDocument(file: file).root)
    }

    /// Nothing.
    static let empty = WebDocument()

    private init() {
        (tls, http2, headers, users, rateLimit) = (nil, true, [], [:], nil)
    }

    init(_ root: YAMLNode) throws(ConfigurationError) {
        guard !root.isNull else {
            self = .empty
            return
        }
        var map = try root.mapping("the web configuration")
        tls = try map.optionalMapping("tls_server_config").map { map throws(ConfigurationError) in
            try TLSSettings.read(map)
        }.flatMap(\.self)
        (http2, headers) = try Self.http(try map.optionalMapping("http_server_config"))
        users = try Self.users(try map.optionalEntries("basic_auth_users"))
        rateLimit = try Self.rateLimit(try map.optionalMapping("rate_limit"))
        try map.finish()
    }

    /// With what the flags say besides.
    ///
    /// - Throws: when both say something about the same thing.
    func with(_ overrides: WebOverrides, file: String) throws(ConfigurationError) -> WebDocument {
        var document = self
        if let login = overrides.login {
            guard users.isEmpty else { throw Self.conflict("basic_auth_users", login.origin, file) }
            document.users = [Array(login.user.utf8): login.hash]
        }
        if let settings = overrides.tls {
            guard tls == nil else { throw Self.conflict("tls_server_config", settings.origin, file) }
            document.tls = settings.tls
        }
        return document
    }

    private static func conflict(_ key: String, _ origin: String, _ file: String) -> ConfigurationError {
        ConfigurationError("\(key) is here and \(origin) is given too; keep one of them", at: file)
    }

    private static func http(
        _ map: YAMLMapping?
    ) throws(ConfigurationError) -> (http2: Bool, headers: [(name: String, value: String)]) {
        guard var map else { return (true, []) }
        let http2 = try map.optionalBool("http2") ?? true
        var headers: [(name: String, value: String)] = []
        for entry in try map.optionalEntries("headers") { headers.append(try ResponseHeader.read(entry)) }
        try map.finish()
        return (http2, headers)
    }

    private static func users(_ entries: [YAMLEntry]) throws(ConfigurationError) -> [[UInt8]: BcryptHash] {
        var users: [[UInt8]: BcryptHash] = [:]
        for entry in entries {
            do throws(BcryptHash.Malformed) {
                users[Array(entry.key.utf8)] = try BcryptHash(try hash(of: entry))
            } catch {
                throw entry.value.error(
                    "the password of user \(Shown.clipped(entry.key)) is no bcrypt hash: it \(error.reason);"
                        + " make one with: htpasswd -nBC 10 USER")
            }
        }
        return users
    }

    /// Messages name the user and where, never what stands there.
    private static func hash(of entry: YAMLEntry) throws(BcryptHash.Malformed) -> String {
        guard case .scalar(let scalar) = entry.value.content, !scalar.isNull else {
            throw BcryptHash.Malformed(reason: "is not text")
        }
        return scalar.text
    }

    private static func rateLimit(_ map: YAMLMapping?) throws(ConfigurationError) -> RateLimit? {
        guard var map else { return nil }
        let interval = try map.optionalDuration("interval") ?? .zero
        let burst = try map.optionalInt("burst") ?? 0
        try map.finish()
        return interval > .zero ? RateLimit(interval: interval, burst: burst) : nil
    }
}
