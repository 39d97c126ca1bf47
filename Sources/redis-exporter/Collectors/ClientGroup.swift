internal import ExporterKit
internal import RedisClient

/// `CLIENT LIST` summed up by name, user, library, database and state: how many, how much memory, how long idle. The
/// number of series has a bound, whatever clients call themselves.
struct ClientGroupCollector: QueryCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor(
        "client_group", "Connections by name, user, library, database and state, from CLIENT LIST.",
        enabledByDefault: false)
    private let limit: Int
    private let connections: MetricDescriptor
    private let memory: MetricDescriptor
    private let longestIdle: MetricDescriptor
    private let idle: MetricDescriptor

    /// - Parameter limit: most groups of one kind that get series; the rest is summed up as `other`.
    init(_ namespace: String, limit: Int) {
        self.limit = limit
        connections = MetricDescriptor(
            "\(namespace)_client_group_connections", "Connections of the group.", kind: .gauge)
        memory = MetricDescriptor(
            "\(namespace)_client_group_memory_bytes", "Bytes of the group's connections with all their buffers.",
            kind: .gauge, unit: "bytes")
        longestIdle = MetricDescriptor(
            "\(namespace)_client_group_longest_idle_seconds",
            "Seconds since the last command of the group's connection that has been idle longest.", kind: .gauge,
            unit: "seconds")
        idle = MetricDescriptor(
            "\(namespace)_client_group_idle_seconds", "All connections, by the seconds since their last command.",
            kind: .gaugeHistogram, unit: "seconds")
    }

    var metrics: [MetricDescriptor] { [connections, memory, longestIdle, idle] }

    func questions(for server: RedisServer) -> [RedisCommand] { [ClientListCollector.question] }

    func decode(
        _ replies: [Reply<RedisValue>], from server: RedisServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        guard let clients = try replies.first?.clients() else { return }
        for (kind, group) in Self.kinds { add(clients, kind, group, into: &sink) }
        addIdleTimes(clients, into: &sink)
    }

    private struct Group {
        var connections = 0.0
        var bytes: Double?
        var idle: Double?

        mutating func add(_ other: Group) {
            connections += other.connections
            if let more = other.bytes { bytes = (bytes ?? 0) + more }
            if let longer = other.idle { idle = max(idle ?? 0, longer) }
        }
    }

    private func add(
        _ clients: [ClientLine], _ kind: String, _ group: (ClientLine) -> Substring, into sink: inout MetricSink
    ) {
        var groups = TopGroups(from: Group()) { $0.add($1) }
        for client in clients {
            groups.add(
                Group(connections: 1, bytes: client.number("tot-mem"), idle: client.number("idle")), to: group(client))
        }
        for (name, group) in groups.top(limit, by: \.connections) {
            let labels = LabelSet(["by": kind, "group": name])
            sink.add(connections, group.connections, labels)
            sink.add(memory, group.bytes, labels)
            sink.add(longestIdle, group.idle, labels)
        }
    }

    private func addIdleTimes(_ clients: [ClientLine], into sink: inout MetricSink) {
        let times = clients.compactMap { $0.number("idle") }
        var counts = [UInt64](repeating: 0, count: Self.idleBounds.count + 1)
        for time in times { counts[Self.idleBounds.firstIndex { time <= $0 } ?? Self.idleBounds.count] += 1 }
        guard
            let histogram = HistogramSnapshot(upperBounds: Self.idleBounds, counts: counts, sum: times.reduce(0, +))
        else { return }
        sink.add(idle, .histogram(histogram))
    }

    private static let idleBounds: [Double] = [1, 10, 60, 300, 1_800, 3_600, 21_600, 86_400]

    private static let kinds: [(name: String, group: @Sendable (ClientLine) -> Substring)] = [
        ("name", { $0.text("name") ?? "" }), ("user", { $0.text("user") ?? "" }),
        ("library", { $0.text("lib-name") ?? "" }), ("database", { $0.text("db") ?? "" }), ("state", { state($0) }),
    ]

    /// What the connection is there for or waits for, from its flags.
    private static func state(_ client: ClientLine) -> Substring {
        let flags = client.text("flags") ?? ""
        return states.first { flags.utf8.contains($0.flag) }?.name ?? "normal"
    }

    private static let states: [(flag: UInt8, name: Substring)] = [
        (UInt8(ascii: "S"), "replica"), (UInt8(ascii: "M"), "primary"), (UInt8(ascii: "O"), "monitor"),
        (UInt8(ascii: "b"), "blocked"), (UInt8(ascii: "x"), "transaction"), (UInt8(ascii: "P"), "pubsub"),
    ]
}
