import Glibc

/// A server, a peer and ours on it, and what is asked of ours.
struct Scenario {
    /// As it is chosen on the command line.
    let name: String
    let run: () throws -> Report

    /// In the order in which they run: the large database is the last, because whoever looks at its server sees it.
    static var all: [Scenario] {
        [
            Scenario(name: "pg15") { try postgres("15", title: "PostgreSQL 15").run() },
            Scenario(name: "pg17") { try postgres("17", title: "PostgreSQL 17").run() },
            Scenario(name: "redis8") { try redis().run() },
            Scenario(name: "redis8keys", run: keys),
            Scenario(name: "redis8targets", run: targets),
            Scenario(name: "pg15big", run: largePostgres),
        ]
    }

    private static func largePostgres() throws -> Report {
        let database = try LargeDatabase(version: "15")
        defer { database.drop() }
        return try postgres(
            "15", title: "PostgreSQL 15, \(LargeDatabase.size)", database: LargeDatabase.name,
            targets: Targets(latency: 0.35, exporterCPU: 0.15, resident: 0.4, peak: 0.4),
            effort: Effort(rounds: 5, scrapesPerRound: 9, warmUp: 5, delayedScrapes: 0, starts: 0)
        ).run()
    }

    /// Both collect the same.
    private static func postgres(
        _ version: String, title: String, database: String = "fleet",
        targets: Targets = Targets(
            latency: 0.3, delayedLatency: 0.06, exporterCPU: 0.25, serverCPU: 0.35, resident: 0.6, anonymous: 0.5,
            executable: 1.3, start: 0.7),
        effort: Effort = Effort()
    ) throws -> Contest {
        let url = try ServerURL("FLEET_PG\(version)_MONITOR_URL").database(database)
        let peer = try Environment.variable("BENCH_PEERS") + "/postgres_exporter"
        let ours = try Environment.variable("BENCH_OURS") + "/pg-exporter"
        let collectors = try CommonCollectors(peer: peer, ours: ours)
        func command(_ path: String, _ flags: [String]) -> Contender.Command {
            { listen, server in
                (
                    [path, "--web.listen-address=127.0.0.1:\(listen)"] + flags,
                    ["DATA_SOURCE_NAME": url.moved(to: server)]
                )
            }
        }
        return Contest(
            title: title, serverPID: try Environment.pid("FLEET_PG\(version)_PID"), serverPort: url.port ?? 0,
            peer: Contender(
                name: try "postgres_exporter \(Environment.variable("BENCH_POSTGRES_EXPORTER_VERSION"))",
                command: command(peer, collectors.peerFlags), goodLine: "pg_up 1",
                program: "prometheus-postgres-exporter"),
            ours: Contender(
                name: "pg-exporter", command: command(ours, collectors.ourFlags), goodLine: "pg_up 1",
                program: "pg-exporter"),
            targets: targets, effort: effort)
    }

    /// Both without flags: what is on by default then differs in what ours tells of itself, and in fields of `INFO` that
    /// the peer does not know. Ours has no switch for single fields, and none of its collectors is without the peer's.
    private static func redis() throws -> Contest {
        let server = try redisServer()
        let (peer, ours) = try redisContenders()
        return Contest(
            title: "Redis 8", serverPID: server.pid, serverPort: server.port, peer: peer, ours: ours,
            targets: Targets(
                latency: 0.2, delayedLatency: 0.14, exporterCPU: 0.2, serverCPU: 1, resident: 0.6, anonymous: 0.5,
                executable: 1.3, start: 0.7))
    }

    private static func keys() throws -> Report {
        let (peer, ours) = try redisContenders(flags: KeysContest.flags)
        return try KeysContest(
            title: "Redis 8, 200,000 keys", server: redisServer(), peer: peer, ours: ours
        ).run()
    }

    private static func targets() throws -> Report {
        let (peer, ours) = try redisContenders()
        return try TargetsContest(
            title: "Redis 8, 1,000 targets", server: redisServer(), peer: peer, ours: ours
        ).run()
    }

    private static func redisServer() throws -> RedisServer {
        RedisServer(
            pid: try Environment.pid("FLEET_REDIS8_PID"), port: try ServerURL("FLEET_REDIS8_URL").port ?? 0)
    }

    private static func redisContenders(flags: [String] = []) throws -> (peer: Contender, ours: Contender) {
        let url = try ServerURL("FLEET_REDIS8_URL")
        let peer = try Environment.variable("BENCH_PEERS") + "/redis_exporter"
        let ours = try Environment.variable("BENCH_OURS") + "/redis-exporter"
        func command(_ path: String) -> Contender.Command {
            { ([path, "-web.listen-address=127.0.0.1:\($0)", "-redis.addr=\(url.moved(to: $1))"] + flags, [:]) }
        }
        return (
            Contender(
                name: try "redis_exporter \(Environment.variable("BENCH_REDIS_EXPORTER_VERSION"))",
                command: command(peer), goodLine: "redis_up 1", program: "prometheus-redis-exporter"),
            Contender(
                name: "redis-exporter", command: command(ours), goodLine: "redis_up 1", program: "redis-exporter")
        )
    }
}
