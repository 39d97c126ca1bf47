internal import ExporterKit
internal import RedisClient

/// What one scrape knows of the server before a collector asks: its own `INFO`.
struct RedisServer: Sendable {
    /// This scrape's `INFO ALL`.
    let info: InfoDocument
    /// `redis_version`: what the server is compatible with. Valkey says 7.2.4 in all its versions.
    let version: ServerVersion?
    /// `valkey_version`; `nil` for everything that is not Valkey.
    let valkeyVersion: ServerVersion?
    /// Changes when the server is started anew.
    let runID: String
    /// `master`, `slave` or `sentinel`; empty when unknown.
    let role: String
    /// A node of a cluster.
    let isCluster: Bool

    init(_ info: InfoDocument) {
        self.info = info
        version = info.text("redis_version").flatMap { ServerVersion($0) }
        valkeyVersion = info.text("valkey_version").flatMap { ServerVersion($0) }
        runID = String(info.text("run_id") ?? "")
        role = String(info.text("role") ?? (info.text("sentinel_masters") == nil ? "" : "sentinel"))
        isCluster = info.text("cluster_enabled") == "1"
    }

    /// True when the server is at least as new as this Redis; false when its version is unknown.
    func isAtLeast(_ version: ServerVersion) -> Bool {
        self.version.map { $0 >= version } ?? false
    }

    /// A Valkey that is at least this new.
    func isValkey(_ version: ServerVersion) -> Bool { valkeyVersion.map { $0 >= version } ?? false }

    /// Redis itself, at least this new.
    func isRedis(_ version: ServerVersion) -> Bool { valkeyVersion == nil && !isDragonfly && isAtLeast(version) }

    /// Now, by the server's clock where it tells it; in whole seconds since 1970.
    var time: Double { info.serverTime ?? WallClock.now.rounded(.down) }

    /// A Sentinel watches servers and has no data of its own.
    var isSentinel: Bool { role == "sentinel" }
    /// Speaks the protocol, is not related.
    var isDragonfly: Bool { info.text("dragonfly_version") != nil }
}

extension InfoDocument {
    /// `server_time_usec` in whole seconds since 1970.
    var serverTime: Double? { number("server_time_usec").map { ($0 / 1_000_000).rounded(.down) } }
}
