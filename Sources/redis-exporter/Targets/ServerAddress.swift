internal import RedisClient

/// A server as somebody wrote it down: for the flag, a request, a list of nodes.
struct ServerAddress: Sendable, Hashable {
    /// In small letters; `redis` where none was given.
    let scheme: String
    /// What follows the scheme but for user and password: `host:6379/2`.
    let place: String
    /// `nil` for the default user.
    let user: String?
    /// Only ever of the flag: a request's own is dropped, so that nobody sends one around.
    let password: String?
    private let endpoint: RedisOptions.Endpoint
    private let database: Int

    /// Reads the address of `--redis.addr`.
    init(_ text: String) throws(RedisAddressError) {
        try self.init(text, isRequest: false)
    }

    /// Reads the `target` of a request. One word before `@` is the user here, and a password is dropped, as in redis_exporter.
    init(target text: String) throws(RedisAddressError) {
        try self.init(text, isRequest: true)
    }

    private init(_ text: String, isRequest: Bool) throws(RedisAddressError) {
        let (scheme, rest) = Self.split(text)
        let at = scheme == "unix" ? nil : rest.lastIndex(of: "@")
        place = at.map { String(rest[rest.index(after: $0)...]) } ?? String(rest)
        self.scheme = scheme
        var login = at.map { String(rest[..<$0]) } ?? ""
        if isRequest, at != nil { login = String(login.prefix { $0 != ":" }) + ":" }
        let options = try RedisOptions(url: "\(scheme)://\(at == nil ? "" : "\(login)@")\(place)")
        (endpoint, database) = (options.endpoint, options.database)
        (user, password) = (options.username, options.password)
    }

    /// Where it leads, without TLS settings and credentials of the exporter's.
    var options: RedisOptions {
        RedisOptions(
            endpoint: endpoint, username: user, password: password, database: database,
            tls: usesTLS ? RedisTLS() : nil)
    }

    /// Whether the scheme asks for TLS.
    var usesTLS: Bool { scheme == "rediss" || scheme == "valkeys" }

    /// Host of a TCP address.
    var host: String? {
        if case .tcp(let host, _) = endpoint { host } else { nil }
    }

    private static func split(_ text: String) -> (scheme: String, rest: Substring) {
        let scheme = text.prefix { $0 != ":" }
        let rest = text[scheme.endIndex...]
        return rest.hasPrefix("://") ? (scheme.lowercased(), rest.dropFirst(3)) : ("redis", text[...])
    }
}
