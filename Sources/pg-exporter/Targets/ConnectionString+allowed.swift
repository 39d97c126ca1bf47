internal import ExporterCommand
internal import PostgresClient

extension AllowedTargets {
    /// True when every server that the connection string leads to fits a pattern; without patterns all do.
    ///
    /// libpq connects to `hostaddr` where it is given, so that counts and not the name beside it. A service is read from
    /// a file at connect and may lead anywhere, so it is refused.
    func allow(_ connection: ConnectionString) -> Bool {
        guard !isEmpty else { return true }
        guard connection["service"] == nil else { return false }
        let endpoints = connection.endpoints
        return !endpoints.isEmpty && endpoints.allSatisfy { allows(host: $0.host, port: $0.port) }
    }
}
