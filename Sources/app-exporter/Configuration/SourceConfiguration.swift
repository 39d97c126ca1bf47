internal import CurlClient
internal import ExporterCommand

/// Something to ask.
struct SourceConfiguration: Sendable {
    enum Kind: Sendable {
        case postgres(PostgresSettings)
        case redis(RedisSettings)
        case http(HTTPSettings)

        /// Value of the label `kind`.
        var name: String {
            switch self {
            case .postgres: "postgres"
            case .redis: "redis"
            case .http: "http"
            }
        }
    }

    let name: String
    let kind: Kind
}

struct PostgresSettings: Sendable {
    let dsn: Secret
    let password: Secret?
    let statementTimeout: Duration
    let maximumConnections: Int
}

struct RedisSettings: Sendable {
    let url: Secret
    let password: Secret?
    let timeout: Duration?
}

struct HTTPSettings: Sendable {
    /// Checked to be a URL; without a trailing slash.
    let base: Secret
    let access: HTTPAccess
    var maximumBodyBytes = 1 << 20
    /// Requests per second; `nil` for no limit.
    var rate: Double?
    var retry = RetryPolicy.none
    /// Requests at the same time.
    var maximumConnections = 4
    var followsRedirects = false
}

/// Headers, credentials and trust of HTTP requests.
struct HTTPAccess: Sendable {
    enum Credentials: Sendable {
        case basic(user: String, password: Secret)
        case bearer(Secret)
        case oauth(OAuthClient)
    }
    var credentials: Credentials?
    var headers: [(name: String, value: Secret)] = []
    var tls = HTTPTrust()
}
