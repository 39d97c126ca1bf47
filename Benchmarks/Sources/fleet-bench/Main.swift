import Glibc

/// Ours against the client libraries and the exporters of the field, side by side in one run on the same servers.
///
/// Started by `scripts/bench`, which builds ours, starts the servers and sets `FLEET_*` and `BENCH_*`. `--check` exits 1
/// when a target is missed; names (`kit`, `pg15`, `pg17`, `redis8`) run only these.
@main
enum Main {
    static func main() {
        do {
            let fleet: [(name: String, make: () throws -> Contest)] = [
                ("pg15", { try postgres(version: "15") }), ("pg17", { try postgres(version: "17") }), ("redis8", redis),
            ]
            let names = CommandLine.arguments.dropFirst().filter { $0 != "--check" }
            let known = ["kit"] + fleet.map(\.name)
            if let stranger = names.first(where: { !known.contains($0) }) {
                throw BenchError("unknown contest \(stranger): choose from \(known.joined(separator: ", "))")
            }
            var missed = names.isEmpty || names.contains("kit") ? try kit() : 0
            for (name, make) in fleet where names.isEmpty || names.contains(name) {
                let contest = try make()
                let (peer, ours) = try contest.run()
                progress("")
                let report = Report(title: contest.title, peerName: contest.peer.name, peer: peer, ours: ours)
                report.print()
                missed += report.lines.filter { !$0.isMet }.count
            }
            print("\n\(missed) of the targets missed")
            exit(missed > 0 && CommandLine.arguments.contains("--check") ? 1 : 0)
        } catch {
            progress("")
            say("fleet-bench: \(error)\n")
            exit(2)
        }
    }

    /// The library.
    ///
    /// - Returns: number of targets missed.
    private static func kit() throws -> Int {
        let (ours, peers) = (try variable("BENCH_KIT"), try variable("BENCH_PEERS"))
        let rows = try KitContest(ours: ours, peers: peers).run() + KitServers(ours: ours, peers: peers).run()
        progress("")
        print("\n### ExporterKit\n\n\(try variable("BENCH_VERSIONS"))\n")
        KitRow.printHead()
        for row in rows { row.print() }
        return rows.reduce(0) { $0 + $1.verdicts().missed }
    }

    /// Both collect the same subjects; what only the peer's defaults have is switched off there where it has a switch.
    private static func postgres(version: String) throws -> Contest {
        let url = try variable("FLEET_PG\(version)_MONITOR_URL")
        let peer = try variable("FLEET_POSTGRES_EXPORTER")
        let ours = try variable("BENCH_PG_EXPORTER")
        let off = ["replication_slot", "roles", "statio_user_tables"].map { "--no-collector.\($0)" }
        let on = ["--collector.stat_checkpointer"]
        return Contest(
            title: "PostgreSQL \(version)", serverPID: try pid("FLEET_PG\(version)_PID"), serverPort: try port(of: url),
            peer: Contender(
                name: "postgres_exporter",
                command: { listen, server in
                    (
                        [peer, "--web.listen-address=127.0.0.1:\(listen)"] + off + on,
                        ["DATA_SOURCE_NAME": moved(url, to: server)]
                    )
                }, goodLine: "pg_up 1"),
            ours: Contender(
                name: "pg-exporter",
                command: { listen, server in
                    ([ours, "--web.listen-address=127.0.0.1:\(listen)"], ["DATA_SOURCE_NAME": moved(url, to: server)])
                }, goodLine: "pg_up 1"))
    }

    private static func redis() throws -> Contest {
        let url = try variable("FLEET_REDIS8_URL")
        let peer = try variable("FLEET_REDIS_EXPORTER")
        let ours = try variable("BENCH_REDIS_EXPORTER")
        func command(_ path: String) -> (UInt16, UInt16) -> (arguments: [String], environment: [String: String]) {
            { listen, server in
                ([path, "-web.listen-address=127.0.0.1:\(listen)", "-redis.addr=\(moved(url, to: server))"], [:])
            }
        }
        return Contest(
            title: "Redis 8", serverPID: try pid("FLEET_REDIS8_PID"), serverPort: try port(of: url),
            peer: Contender(name: "redis_exporter", command: command(peer), goodLine: "redis_up 1"),
            ours: Contender(name: "redis-exporter", command: command(ours), goodLine: "redis_up 1"))
    }

    // MARK: - Reading the environment

    private static func variable(_ name: String) throws -> String {
        guard let value = getenv(name) else { throw BenchError("\(name) is not set: run `make bench`") }
        return String(cString: value)
    }

    private static func pid(_ name: String) throws -> pid_t {
        guard let pid = pid_t(try variable(name)) else { throw BenchError("\(name) is not a process number") }
        return pid
    }

    /// Where the port stands in a URL: the digits behind the last colon of the authority.
    private static func portRange(in url: String) -> Range<String.Index>? {
        let start = url.firstRange(of: "://")?.upperBound ?? url.startIndex
        let end = url[start...].firstIndex(of: "/") ?? url.endIndex
        return url[start..<end].lastIndex(of: ":").map { url.index(after: $0)..<end }
    }

    private static func port(of url: String) throws -> UInt16 {
        guard let range = portRange(in: url), let port = UInt16(url[range]) else {
            throw BenchError("a server's URL has no port")
        }
        return port
    }

    private static func moved(_ url: String, to port: UInt16) -> String {
        guard let range = portRange(in: url) else { return url }
        return url[..<range.lowerBound] + String(port) + url[range.upperBound...]
    }
}
