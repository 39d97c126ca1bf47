internal import RedisClient
internal import Synchronization

/// Availability zones of nodes, by their identity. Valkey tells its own only, so each node is asked, once an hour.
final class ZoneBook: Sendable {
    private static let freshFor = Duration.seconds(3600)
    private static let limit = 10_000
    /// Nodes asked at the same time.
    private static let width = 16

    private let zones = Mutex<[String: (zone: String, until: ContinuousClock.Instant)]>([:])

    /// The zones of nodes; one that does not answer by the deadline has none this time.
    ///
    /// - Parameter nodes: identity of a node, and how to connect to it.
    func zones(
        of nodes: [(id: String, options: RedisOptions)], until deadline: ContinuousClock.Instant
    ) async -> [String: String] {
        let now = ContinuousClock.now
        var found = zones.withLock { zones in
            zones.filter { $0.value.until > now }.mapValues(\.zone)
        }
        let unknown = nodes.filter { found[$0.id] == nil }
        await withTaskGroup(of: (String, String?).self) { group in
            for (index, node) in unknown.enumerated() {
                if index >= Self.width, let (id, zone) = await group.next() { found[id] = zone }
                group.addTask { (node.id, await Self.ask(node.options, until: deadline)) }
            }
            for await (id, zone) in group { found[id] = zone }
        }
        let asked = unknown.compactMap { node in found[node.id].map { (node.id, $0) } }
        zones.withLock { zones in
            if zones.count + asked.count > Self.limit { zones = [:] }
            for (id, zone) in asked { zones[id] = (zone, now.advanced(by: Self.freshFor)) }
        }
        return found
    }

    private static func ask(_ options: RedisOptions, until deadline: ContinuousClock.Instant) async -> String? {
        let connection = RedisConnection(options)
        let reply = await connection.run([["INFO", "SERVER"]], until: deadline).first
        await connection.close()
        return (try? reply?.result.get().text).map { zone(in: $0) }
    }

    /// The zone that `INFO SERVER` tells; empty for none.
    static func zone(in info: String) -> String {
        String(InfoDocument(info).text("availability_zone") ?? "")
    }
}
