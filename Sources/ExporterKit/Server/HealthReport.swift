/// How things stand: what `/health` tells.
struct HealthReport: Sendable {
    enum Status: String {
        case healthy, degraded, unhealthy
        /// Not known yet.
        case unknown
    }

    /// How one check or one collector fared.
    struct Item: Sendable {
        let name: String
        let isCritical: Bool
        let status: Status
        /// Why it is not healthy, in one word of a closed set.
        var reason: String?
        /// How long it took; `nil` when it did not run.
        var took: Duration?
        /// When it was asked; `nil` when that is not known.
        var time: String?

        var json: JSONValue {
            .object([
                ("name", .string(name)), ("status", .string(status.rawValue)), ("critical", .bool(isCritical)),
                ("reason", reason.map(JSONValue.string) ?? .null),
                ("response_time_ms", took.map { .number(($0.seconds * 1e6).rounded() / 1e3) } ?? .null),
                ("timestamp", time.map(JSONValue.string) ?? .null),
            ])
        }
    }

    let items: [Item]

    var status: Status {
        let bad = items.filter { $0.status == .unhealthy }
        return bad.isEmpty ? .healthy : bad.contains(where: \.isCritical) ? .unhealthy : .degraded
    }
}

extension HealthReport.Item {
    /// What is known of something without asking it.
    init(_ state: HealthState) {
        name = state.name
        isCritical = state.isCritical
        took = state.last?.took
        time = state.last.map { TimeText.timestamp($0.time) }
        reason = state.last?.reason
        status = state.last == nil ? .unknown : state.last?.reason == nil ? .healthy : .unhealthy
    }

    /// A collector by its last run. No collector is critical: an exporter whose server is down has to say so.
    init(_ collector: CollectorStatus) {
        name = "collector.\(collector.descriptor.name)"
        isCritical = false
        time = nil
        took = collector.last?.duration
        guard let last = collector.last else {
            status = .unknown
            return
        }
        let reason = last.error?.reason
        status = reason == nil || reason == .noData ? .healthy : .unhealthy
        self.reason = reason?.rawValue
    }
}
