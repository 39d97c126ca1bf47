internal import ExporterKit
internal import RedisClient

/// A row of `SENTINEL MASTERS`.
struct SentinelPrimary {
    let name: String
    let record: ReplyRecord
    /// In the order of `SentinelMembers.primaryLabels`.
    let labels: [String]

    /// - Returns: `nil` for a row without name or address.
    init?(_ value: RedisValue) {
        guard let record = ReplyRecord(value), let name = record.text("name"), let ip = record.text("ip"),
            let port = record.text("port")
        else { return nil }
        self.name = name
        self.record = record
        labels = [name, "\(ip):\(port)"]
    }
}

/// The replicas or the other Sentinels of a primary: how many are up, and the state of each.
struct SentinelMembers: Sendable {
    static let primaryLabels = ["master_name", "master_address"]
    /// What is told of a member, the worst first.
    private static let states = ["o_down", "s_down", "disconnected", "ok"]

    private let count: MetricDescriptor
    private let state: MetricDescriptor
    private let label: String

    /// - Parameter label: name of the label that holds a member's name.
    init(
        _ namespace: String, count: String, _ countHelp: String, state: String, _ stateHelp: String, label: String
    ) {
        self.count = MetricDescriptor("\(namespace)_\(count)", countHelp, kind: .gauge)
        self.state = MetricDescriptor("\(namespace)_\(state)", stateHelp, kind: .stateset)
        self.label = label
    }

    var metrics: [MetricDescriptor] { [count, state] }

    /// - Parameter others: how many there are that are not listed.
    func add(
        _ members: [ReplyRecord], of primary: SentinelPrimary, besides others: Int, into sink: inout MetricSink
    ) {
        let states = members.compactMap { member in member.text("flags").map(Self.state) }
        let isUp = states.count { $0 != "o_down" && $0 != "s_down" }
        let labels = LabelSet(checking: pairs(of: primary)) ?? .empty
        sink.add(count, Double(isUp + others), labels)
        for member in members {
            guard let name = member.text("name"), let flags = member.text("flags") else { continue }
            let current = Self.state(flags)
            let pairs = pairs(of: primary) + [(label, name)]
            state.addStates(Self.states, current: current, pairs, into: &sink)
        }
    }

    private func pairs(of primary: SentinelPrimary) -> [(name: String, value: String)] {
        zip(Self.primaryLabels, primary.labels).map { (name: $0, value: $1) }
    }

    private static func state(_ flags: String) -> String {
        let words = flags.split(separator: ",")
        return states.first { state in words.contains { $0 == state } } ?? "ok"
    }
}

extension MetricDescriptor {
    /// One series for each state; the label of the state is called as the metric, as OpenMetrics wants it.
    func addStates(
        _ states: [String], current: String, _ labels: [(name: String, value: String)], into sink: inout MetricSink
    ) {
        for state in states {
            guard let set = LabelSet(checking: labels + [(name, state)]) else { continue }
            sink.add(self, state == current ? 1 : 0, set)
        }
    }
}
