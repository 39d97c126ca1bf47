internal import ExporterKit

/// One server as Prometheus' HTTP service discovery wants it: an address and what is known of it.
/// Source: https://prometheus.io/docs/prometheus/latest/http_sd/
struct TargetGroup: Sendable {
    /// With the scheme, ready to be the `target` of `/scrape`.
    let target: String
    /// Without `__meta_redis_`. Such labels are there for relabeling only: no series gets them unasked.
    let labels: [(name: String, value: String)]

    /// The answer with all groups.
    static func response(_ groups: [TargetGroup]) -> HTTPResponse {
        let list = JSONValue.array(groups.map(\.json))
        return HTTPResponse(status: 200, headers: [("Content-Type", "application/json")], body: list.bytes)
    }

    private var json: JSONValue {
        let members = labels.filter { !$0.value.isEmpty }
            .map { ("__meta_redis_\($0.name)", JSONValue.string($0.value)) }
        return .object([("targets", .array([.string(target)])), ("labels", .object(members))])
    }

    /// `host:port`, an IPv6 address in brackets.
    static func place(_ host: String, _ port: String) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
