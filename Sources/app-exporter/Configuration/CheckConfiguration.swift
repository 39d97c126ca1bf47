/// One synthetic check.
struct CheckConfiguration: Sendable {
    /// What it asks.
    enum Kind: Sendable {
        case http(HTTPCheckSettings)
        case tls(TCPCheckSettings)
        case tcp(TCPCheckSettings)
        case dns(DNSCheckSettings)
        case postgres(source: String, PostgresSettings, sql: String, within: Duration?)
        case redis(source: String, RedisSettings, run: [String], expected: [TextRule], within: Duration?)
    }

    let name: String
    let timing: Timing
    let kind: Kind
}
