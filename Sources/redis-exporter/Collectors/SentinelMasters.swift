internal import ExporterKit
internal import RedisClient

/// `SENTINEL MASTERS`, and of each primary its replicas, its other Sentinels and whether they are a quorum. The names come
/// from `INFO`, so all of it is one round trip.
/// Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
struct SentinelMastersCollector: QueryCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor(
        "sentinel_masters", "Settings, quorum, replicas and Sentinels of watched primaries, from SENTINEL.")
    private let includesPeers: Bool
    private let settings: ReplyRecords
    private let quorum: MetricDescriptor
    private let sentinels: SentinelMembers
    private let replicas: SentinelMembers
    private let peer: MetricDescriptor
    private let replicaDetails: ReplyRecords

    /// - Parameter includesPeers: tell the other Sentinels with their addresses, as labels.
    init(_ namespace: String, includesPeers: Bool) {
        self.includesPeers = includesPeers
        settings = ReplyRecords(namespace, labels: SentinelMembers.primaryLabels, Self.rows)
        quorum = MetricDescriptor(
            "\(namespace)_sentinel_master_ckquorum_status",
            "Whether the Sentinels that can be reached are enough for a failover; their words as a label.",
            kind: .gauge)
        sentinels = SentinelMembers(
            namespace, count: "sentinel_master_ok_sentinels", "Sentinels of the primary that are up, with this one.",
            state: "sentinel_peer_state", "State of another Sentinel as this one sees it.", label: "sentinel")
        replicas = SentinelMembers(
            namespace, count: "sentinel_master_ok_slaves", "Replicas of the primary that are up.",
            state: "sentinel_replica_state", "State of a replica as this Sentinel sees it.", label: "replica")
        peer = MetricDescriptor(
            "\(namespace)_sentinel_peer_info", "Another Sentinel of the primary, with its address, as labels.",
            kind: .gauge)
        replicaDetails = ReplyRecords(
            namespace, labels: SentinelMembers.primaryLabels + ["replica"], Self.replicaRows)
    }

    var metrics: [MetricDescriptor] {
        settings.descriptors + [quorum, peer] + sentinels.metrics + replicas.metrics + replicaDetails.descriptors
    }

    func questions(for server: RedisServer) -> [RedisCommand] {
        guard server.isSentinel else { return [] }
        let details = SentinelCollector.names(server.info).flatMap { name -> [RedisCommand] in
            [["SENTINEL", "CKQUORUM", name], ["SENTINEL", "SENTINELS", name], ["SENTINEL", "SLAVES", name]]
        }
        return [["SENTINEL", "MASTERS"]] + details
    }

    func decode(
        _ replies: [Reply<RedisValue>], from server: RedisServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        guard let first = replies.first else { return }
        let primaries = try first.list("SENTINEL MASTERS").compactMap(SentinelPrimary.init)
        settings.read(primaries.map { ($0.labels, $0.record) }, into: &sink)
        var failure: CollectorError?
        for (index, name) in SentinelCollector.names(server.info).enumerated() {
            let own = Array(replies.dropFirst(1 + index * 3).prefix(3))
            guard own.count == 3, let primary = primaries.first(where: { $0.name == name }) else { continue }
            do throws(CollectorError) {
                try addMembers(of: primary, sentinels: own[1], replicas: own[2], into: &sink)
                try addQuorum(of: name, own[0], into: &sink)
            } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }

    private func addMembers(
        of primary: SentinelPrimary, sentinels others: Reply<RedisValue>, replicas slaves: Reply<RedisValue>,
        into sink: inout MetricSink
    ) throws(CollectorError) {
        let others = try others.list("SENTINEL SENTINELS").compactMap(ReplyRecord.init)
        sentinels.add(others, of: primary, besides: 1, into: &sink)
        if includesPeers { others.forEach { addPeer($0, of: primary, into: &sink) } }
        let slaves = try slaves.list("SENTINEL SLAVES").compactMap(ReplyRecord.init)
        replicas.add(slaves, of: primary, besides: 0, into: &sink)
        replicaDetails.read(slaves.map { (primary.labels + [$0.text("name") ?? ""], $0) }, into: &sink)
    }

    private func addPeer(_ record: ReplyRecord, of primary: SentinelPrimary, into sink: inout MetricSink) {
        let names = ["name", "ip", "port", "runid", "flags"]
        let pairs = zip(SentinelMembers.primaryLabels + names, primary.labels + names.map { record.text($0) ?? "" })
        sink.add(peer, 1, LabelSet(checking: pairs.map { (name: $0, value: $1) }) ?? .empty)
    }

    /// No quorum is an error reply, and an answer.
    private func addQuorum(
        of name: String, _ reply: Reply<RedisValue>, into sink: inout MetricSink
    ) throws(CollectorError) {
        switch reply.result {
        case .success(let value):
            sink.add(quorum, 1, LabelSet(["master_name": name, "message": value.text ?? ""]))
        case .failure(let error):
            guard let words = error.message.suffix(from: "NOQUORUM") else { throw error }
            sink.add(quorum, 0, LabelSet(["master_name": name, "message": String(words)]))
        }
    }

    private static let rows: [MetricRow] = [
        .gauge("quorum", as: "sentinel_master_setting_ckquorum", "Sentinels that must agree that the primary is down."),
        .gauge(
            "failover-timeout", as: "sentinel_master_setting_failover_timeout",
            "Milliseconds a failover may take, as configured."),
        .gauge(
            "parallel-syncs", as: "sentinel_master_setting_parallel_syncs",
            "Replicas that take the data of a new primary at the same time, as configured."),
        .gauge(
            "down-after-milliseconds", as: "sentinel_master_setting_down_after_milliseconds",
            "Milliseconds without an answer after which the primary counts as down, as configured."),
        .gauge(
            "config-epoch", as: "sentinel_master_config_epoch",
            "Number of the primary's configuration; grows with each failover."),
        .gauge(
            "last-ok-ping-reply", as: "sentinel_master_last_ok_ping_reply_seconds",
            "Seconds since the primary last answered a PING.", in: .milliseconds),
    ]

    private static let replicaRows: [MetricRow] = [
        .gauge(
            "slave-priority", as: "sentinel_replica_priority",
            "Priority of the replica when a new primary is chosen; 0 is never chosen."),
        .gauge(
            "slave-repl-offset", as: "sentinel_replica_offset_bytes",
            "Offset of the replica in the stream of its primary."),
        .gauge(
            "master-link-down-time", as: "sentinel_replica_link_down_seconds",
            "Seconds the replica has been cut off from its primary; 0 when it is not.", in: .milliseconds),
        .gauge(
            "last-ok-ping-reply", as: "sentinel_replica_last_ok_ping_reply_seconds",
            "Seconds since the replica last answered a PING.", in: .milliseconds),
    ]
}
