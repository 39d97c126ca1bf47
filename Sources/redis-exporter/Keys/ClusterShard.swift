internal import RedisClient

/// Some slots of a cluster, and who has them.
struct ClusterShard: Sendable, Equatable {
    let primary: RedisOptions.Endpoint
    let replicas: [RedisOptions.Endpoint]
    private(set) var slots: [ClosedRange<Int>]

    func owns(_ slot: Int) -> Bool { slots.contains { $0.contains(slot) } }

    /// Reads `CLUSTER SLOTS`: ranges of one primary are put together.
    ///
    /// - Parameter seed: the node that answered; it stands for itself with an empty address.
    static func all(in reply: RedisValue, seed: RedisOptions.Endpoint) -> [ClusterShard] {
        var shards: [ClusterShard] = []
        for range in reply.array ?? [] {
            guard let parts = range.array, parts.count > 2, let first = parts[0].integer, let last = parts[1].integer,
                first <= last, let primary = endpoint(parts[2], seed)
            else { continue }
            let slots = Int(first)...Int(last)
            if let index = shards.firstIndex(where: { $0.primary == primary }) {
                shards[index].slots.append(slots)
            } else {
                let replicas = parts[3...].compactMap { endpoint($0, seed) }
                shards.append(ClusterShard(primary: primary, replicas: replicas, slots: [slots]))
            }
        }
        return shards
    }

    private static func endpoint(_ node: RedisValue, _ seed: RedisOptions.Endpoint) -> RedisOptions.Endpoint? {
        guard let parts = node.array, parts.count > 1, let port = parts[1].integer, (1...65_535).contains(port) else {
            return nil
        }
        let host = parts[0].text ?? ""
        if !host.isEmpty, host != "?" { return .tcp(host: host, port: Int(port)) }
        guard case .tcp(let host, _) = seed else { return nil }
        return .tcp(host: host, port: Int(port))
    }

    /// Slot of a key: CRC16 (XMODEM) of the name, or of what stands in its first braces.
    /// Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
    static func slot(of name: [UInt8]) -> Int {
        var hashed = name[...]
        if let open = name.firstIndex(of: UInt8(ascii: "{")),
            let close = name[open...].firstIndex(of: UInt8(ascii: "}")), close > open + 1
        {
            hashed = name[(open + 1)..<close]
        }
        var crc: UInt16 = 0
        for byte in hashed {
            crc ^= UInt16(byte) << 8
            for _ in 0..<8 { crc = crc & 0x8000 == 0 ? crc << 1 : crc << 1 ^ 0x1021 }
        }
        return Int(crc & 16_383)
    }
}
