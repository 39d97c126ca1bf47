internal import ExporterCommand
internal import RedisClient

/// The flags that say where the server is and who asks, under the names of redis_exporter.
enum ConnectionFlags {
    static let all: [Flag] = [
        .string(
            "redis.addr", default: "redis://localhost:6379", environment: "REDIS_ADDR",
            help:
                "Server: redis[s]:// or valkey[s]:// with user:password@host:port/db, host:port, or unix:///path. Empty for none."
        ),
        .string("redis.user", environment: "REDIS_USER", help: "ACL user, when the address has none."),
        .string("redis.password", environment: "REDIS_PASSWORD", help: "Password, when the address has none."),
        .string(
            "redis.password-file", environment: "REDIS_PASSWORD_FILE",
            help:
                "JSON file of addresses and their passwords, for when neither the address nor --redis.password has one."
        ),
        .duration(
            "connection-timeout", default: .seconds(15), minimum: .milliseconds(1),
            environment: "REDIS_EXPORTER_CONNECTION_TIMEOUT",
            help: "Longest time for connecting and for a round trip; the timeout of the scrape can only shorten it."),
        .string(
            "tls-ca-cert-file", environment: "REDIS_EXPORTER_TLS_CA_CERT_FILE",
            help: "PEM file of the authorities to trust with TLS; those of the system by default."),
        .string(
            "tls-client-cert-file", environment: "REDIS_EXPORTER_TLS_CLIENT_CERT_FILE",
            help: "PEM file of the client's certificate; needs --tls-client-key-file."),
        .string(
            "tls-client-key-file", environment: "REDIS_EXPORTER_TLS_CLIENT_KEY_FILE",
            help: "PEM file of the client's key; needs --tls-client-cert-file."),
        .string(
            "tls-server-name", environment: "REDIS_EXPORTER_TLS_SERVER_NAME",
            help: "Name to ask for and to verify instead of the host of the address."),
        .bool(
            "skip-tls-verification", environment: "REDIS_EXPORTER_SKIP_TLS_VERIFICATION",
            help: "Accept any certificate: the server could be anybody."),
        .bool(
            "set-client-name", default: true, environment: "REDIS_EXPORTER_SET_CLIENT_NAME",
            help: "Appear as redis_exporter in CLIENT LIST."),
        .bool(
            "ping-on-connect", environment: "REDIS_EXPORTER_PING_ON_CONNECT",
            help: "Begin each scrape with a PING of its own, and export the time it takes."),
    ]

    /// The server of `--redis.addr`; `nil` when it is empty: then only requests name servers.
    static func address(_ flags: FlagValues) throws(UsageError) -> ServerAddress? {
        guard let text = flags.nonEmpty("redis.addr") else { return nil }
        do throws(RedisAddressError) { return try ServerAddress(text) } catch {
            throw UsageError("\(flags.origin("redis.addr")): \(error.message)")
        }
    }
}

extension FlagValues {
    /// Text of a string flag; `nil` when empty.
    func nonEmpty(_ name: String) -> String? {
        let text = string(name)
        return text.isEmpty ? nil : text
    }
}
