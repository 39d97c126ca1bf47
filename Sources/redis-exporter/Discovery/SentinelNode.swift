internal import RedisClient

/// A server that a Sentinel watches: an entry of `SENTINEL MASTERS` or `SENTINEL REPLICAS`.
/// Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
struct SentinelNode: Sendable {
    let name: String
    let host: String
    let port: String
    let flags: [Substring]
    /// False for a replica that wants no clients.
    let isAnnounced: Bool

    /// - Returns: `nil` for what has no address.
    init?(_ reply: RedisValue) {
        guard let pairs = reply.pairs else { return nil }
        let fields = Dictionary(pairs.map { ($0.name, $0.value.text ?? "") }) { first, _ in first }
        guard let host = fields["ip"], let port = fields["port"], !host.isEmpty, port != "0" else { return nil }
        name = fields["name"] ?? ""
        self.host = host
        self.port = port
        flags = (fields["flags"] ?? "").split(separator: ",")
        isAnnounced = fields["replica-announced"] != "0" && fields["slave-announced"] != "0"
    }

    /// Not down for the Sentinel that answered. It keeps replicas for ever that are long gone.
    var isThere: Bool { isAnnounced && !["s_down", "o_down", "disconnected"].contains { flags.contains($0) } }
}
