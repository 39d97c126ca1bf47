internal import ExporterKit
internal import RedisClient

/// `CLIENT LIST`, a set of series for every connection. Their number has no bound: `client_group` has one.
struct ClientListCollector: QueryCollector {
    typealias Session = RedisSession

    static let question: RedisCommand = ["CLIENT", "LIST"]

    let descriptor = CollectorDescriptor(
        "client_list", "Every connection with its buffers and subscriptions, from CLIENT LIST.",
        enabledByDefault: false)
    private let includesPort: Bool
    private let info: MetricDescriptor
    private let moments: [(metric: MetricDescriptor, field: String)]
    private let table: MetricTable
    private let reader: MetricTableReader

    /// - Parameter includesPort: tell the client's port as a label, too.
    init(_ namespace: String, includesPort: Bool) {
        func gauge(_ name: String, _ help: String) -> MetricDescriptor {
            MetricDescriptor("\(namespace)_connected_client_\(name)", help, kind: .gauge)
        }
        self.includesPort = includesPort
        info = gauge("info", "Name, flags, database, host and user of a connection, as labels.")
        moments = [
            (gauge("created_at_timestamp", "When the connection was opened, as seconds since 1970."), "age"),
            (gauge("idle_since_timestamp", "When the last command came, as seconds since 1970."), "idle"),
        ]
        table = MetricTable(prefix: "\(namespace)_connected_client", labels: Self.labels, rows: Self.rows)
        reader = table.reader(for: nil)
    }

    var metrics: [MetricDescriptor] { [info] + moments.map(\.metric) + table.descriptors }

    func questions(for server: RedisServer) -> [RedisCommand] { [Self.question] }

    func decode(
        _ replies: [Reply<RedisValue>], from server: RedisServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        guard let clients = try replies.first?.clients() else { return }
        let names = clients.map { [String($0.text("id") ?? ""), String($0.text("name") ?? "")] }
        reader.read(count: clients.count, into: &sink, labels: { names[$0] }) { client, row in
            clients[client].number(reader.rows[row].field)
        }
        addMoments(clients, names, at: server.time, into: &sink)
        for client in clients { sink.add(info, 1, labels(client)) }
    }

    private func addMoments(
        _ clients: [ClientLine], _ names: [[String]], at now: Double, into sink: inout MetricSink
    ) {
        guard let template = LabelTemplate(Self.labels) else { return }
        for (metric, field) in moments {
            let slot = sink.open(metric)
            for (client, names) in zip(clients, names) {
                guard let seconds = client.number(field) else { continue }
                sink.append(now - seconds, template.labels(names), to: slot)
            }
        }
    }

    private func labels(_ client: ClientLine) -> LabelSet {
        var pairs = ["id", "name", "flags", "db"].map { (name: $0, value: String(client.text($0) ?? "")) }
        pairs.append(("host", String(client.host)))
        if includesPort { pairs.append(("port", String(client.port))) }
        for name in ["user", "resp"] {
            if let value = client.text(name), !value.isEmpty { pairs.append((name, String(value))) }
        }
        return LabelSet(checking: pairs) ?? .empty
    }

    private static let labels = ["id", "name"]

    private static let rows: [MetricRow] = [
        .gauge("omem", as: "output_buffer_memory_usage_bytes", "Bytes of the output buffer."),
        .gauge("tot-mem", as: "total_memory_consumed_bytes", "Bytes of the connection with all its buffers."),
        .gauge("sub", as: "channel_subscriptions_count", "Channels the client subscribes to."),
        .gauge("psub", as: "pattern_matching_subscriptions_count", "Patterns the client subscribes to."),
        .gauge("ssub", as: "shard_channel_subscriptions_count", "Shard channels the client subscribes to."),
        .gauge("watch", as: "shard_channel_watched_keys", "Keys the client watches for a transaction."),
        .gauge("qbuf", as: "query_buffer_length_bytes", "Bytes in the query buffer."),
        .gauge("qbuf-free", as: "query_buffer_free_space_bytes", "Free bytes of the query buffer."),
        .gauge("obl", as: "output_buffer_length_bytes", "Bytes in the fixed output buffer."),
        .gauge("oll", as: "output_list_length", "Replies that wait because the fixed output buffer is full."),
    ]
}

extension Reply<RedisValue> {
    /// The lines of `CLIENT LIST`.
    ///
    /// - Throws: why there is no answer, or `.decode`.
    func clients() throws(CollectorError) -> [ClientLine] {
        guard let text = try result.get().text else {
            throw CollectorError(.decode, "CLIENT LIST: the answer is no text")
        }
        return ClientLine.all(in: text)
    }
}
