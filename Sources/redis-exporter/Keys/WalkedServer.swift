internal import ExporterKit
internal import RedisClient

/// What a walk knows of the server it walks over.
struct WalkedServer: Sendable {
    /// Patterns are not looked for here: it is a primary, and those are to be left alone.
    let isSkipped: Bool
    /// Number of databases; `nil` when not known.
    let databases: Int?
    /// The server tells entries of streams that were given back.
    let tellsNacks: Bool
    /// Replicas that are online, as the server sees them.
    let replicas: [RedisOptions.Endpoint]
    /// Databases with keys; `nil` when not known.
    private let filled: Set<Int>?

    /// - Parameters:
    ///   - info: its `INFO`.
    ///   - databases: what its configuration says.
    init(_ info: InfoDocument, databases: Int?, _ options: KeyOptions) {
        let server = RedisServer(info)
        isSkipped = options.skipsPrimaries && server.role != "slave"
        self.databases = server.isCluster ? 1 : databases.map { min($0, 10_000) }
        tellsNacks = server.tellsNacks
        let isKnown = info.text("run_id") != nil || info.text("redis_version") != nil
        let numbers = info.entries(in: "Keyspace", prefix: "db").compactMap { Int($0.name.dropFirst(2)) }
        filled = isKnown ? Set(numbers) : nil
        replicas = info.entries(in: "Replication", prefix: "slave").compactMap { entry -> RedisOptions.Endpoint? in
            let record = InfoRecord(entry.value)
            guard record.text("state") == "online", let host = record.text("ip"),
                let port = record.text("port").flatMap({ Int($0) })
            else { return nil }
            return .tcp(host: String(host), port: port)
        }
    }

    /// False for a database without keys: nothing to walk over.
    func holds(_ database: Int) -> Bool { filled?.contains(database) ?? true }
}

extension RedisServer {
    /// The server tells entries of streams that consumers have given back.
    var tellsNacks: Bool { valkeyVersion == nil && !isDragonfly && isAtLeast(ServerVersion(8, 8)) }
}
