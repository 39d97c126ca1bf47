internal import PostgresClient

/// Which servers `/probe` may connect to.
struct AllowedTargets: Sendable {
    /// `HOST` for every port, or `HOST:PORT`; both may have `*` and `?`.
    private let patterns: [ShellPattern]

    init(_ texts: [String]) {
        patterns = [ShellPattern](simple: texts)
    }

    /// True when every server that the connection string leads to fits a pattern; without patterns all do.
    ///
    /// libpq connects to `hostaddr` where it is given, so that counts and not the name beside it. A service is read from
    /// a file at connect and may lead anywhere, so it is refused.
    func allow(_ connection: ConnectionString) -> Bool {
        guard !patterns.isEmpty else { return true }
        guard connection["service"] == nil else { return false }
        let endpoints = connection.endpoints
        return !endpoints.isEmpty
            && endpoints.allSatisfy { endpoint in
                patterns.matches(endpoint.host) || patterns.matches("\(endpoint.host):\(endpoint.port)")
            }
    }
}
