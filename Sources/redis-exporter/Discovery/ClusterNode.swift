/// A line of `CLUSTER NODES`.
/// Source: https://redis.io/docs/latest/commands/cluster-nodes/
struct ClusterNode: Sendable, Equatable {
    /// 40 hexadecimal digits.
    let id: String
    /// Address; empty on a node that does not know its own yet.
    let host: String
    let port: String
    /// Empty when it announces none.
    let hostname: String
    let flags: [Substring]
    /// Identity of the shard: what the server calls it, else the primary's id.
    let shard: String
    /// Ranges of slots, separated by commas; empty on replicas.
    let slots: String

    /// - Returns: `nil` for what is no such line.
    init?(_ line: some StringProtocol) {
        let fields = line.split(separator: " ")
        guard fields.count >= 8 else { return nil }
        // ip:port@cport[,hostname[,name=value]…]; older servers have no @cport.
        let parts = fields[1].split(separator: ",", omittingEmptySubsequences: false)
        let address = parts[0].prefix { $0 != "@" }
        guard let colon = address.lastIndex(of: ":") else { return nil }
        id = String(fields[0])
        host = String(address[..<colon])
        port = String(address[address.index(after: colon)...])
        hostname = parts.count > 1 ? String(parts[1]) : ""
        flags = fields[2].split(separator: ",").map { Substring($0) }
        let told = parts.dropFirst(2).first { $0.hasPrefix("shard-id=") }?.dropFirst("shard-id=".count)
        shard = told.map { String($0) } ?? (fields[3] == "-" ? id : String(fields[3]))
        // Slots on the move stand in brackets and count with their ranges.
        slots = fields[8...].filter { !$0.hasPrefix("[") }.joined(separator: ",")
    }

    /// In the words of `redis_instance_info`.
    var role: String { flags.contains("slave") ? "slave" : "master" }
    /// The node that answered.
    var isMyself: Bool { flags.contains("myself") }
    /// Part of the cluster, as far as the node that answered knows: not failed for the majority, met, with an address.
    var isThere: Bool { port != "0" && !["fail", "handshake", "noaddr"].contains { flags.contains($0) } }
}
