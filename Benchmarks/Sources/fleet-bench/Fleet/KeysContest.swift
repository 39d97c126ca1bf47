import Glibc

/// Many keys, of which a hundredth is exported one by one: the peer walks over them in every scrape, ours beside them.
struct KeysContest {
    let title: String
    let server: RedisServer
    let peer: Contender
    let ours: Contender

    /// For both.
    static let flags = ["--check-keys=k:1*", "--count-keys=k:*,k:2*"]
    private static let few = 20_000
    private static let many = 200_000
    private static let rounds = 5

    func run() throws -> Report {
        let wire = try RedisWire(port: server.port)
        defer { try? wire.run((0..<Self.many).lazy.map { "UNLINK \(Self.key($0))" }) }
        progress("\(title): \(Self.few) keys")
        try wire.run((0..<Self.few).lazy.map { "SET \(Self.key($0)) value" })
        let before = try walked(ours).own
        progress("\(title): \(Self.many) keys")
        try wire.run((Self.few..<Self.many).lazy.map { "SET \(Self.key($0)) value" })
        return report(before, try measure())
    }

    /// Of any number of keys 2,000 begin with `k:1` and 2,000 with `k:2`.
    private static func key(_ number: Int) -> String {
        switch number {
        case ..<2_000: "k:1\(number)"
        case ..<4_000: "k:2\(number)"
        default: "k:0\(number)"
        }
    }

    private struct Walk {
        /// Seconds of the median scrape after the walk, for each round.
        var own: [Double] = []
        var serverCPU = 0.0
        var exporterCPU = 0.0
    }

    /// Starts ours, waits until it has walked over all keys, and scrapes.
    private func walked(_ contender: Contender, rounds: Int = rounds) throws -> Walk {
        var walk = Walk()
        let before = Usage.cpuSeconds(tree: server.pid)
        let running = try Running(contender, server: server.port)
        defer { running.child.stop() }
        try waitForWalk(running)
        walk.serverCPU = Usage.cpuSeconds(tree: server.pid) - before
        walk.exporterCPU = Usage.cpuSeconds(tree: running.child.pid)
        _ = try running.medianOf(scrapes: 20)
        for _ in 0..<rounds { walk.own.append(try running.medianOf(scrapes: 20)) }
        return walk
    }

    /// Polled seldom: each scrape costs the server something too.
    private func waitForWalk(_ running: Running) throws {
        let mark = "redis_key_scan_walks_total{outcome=\"finished\"} "
        for _ in 0..<200 {
            let text = String(decoding: try running.scraper.scrape().body, as: UTF8.self)
            let line = text.split(separator: "\n").first { $0.hasPrefix(mark) }
            if let line, line != mark + "0" { return }
            usleep(300_000)
        }
        throw BenchError("ours did not walk over \(Self.many) keys within a minute")
    }

    private struct Result {
        var peer = Figures()
        var ours = Figures()
        var walk = Walk()
    }

    private func measure() throws -> Result {
        var result = Result()
        let walking = try walked(ours, rounds: 0)
        result.walk = walking
        let running = try [peer, ours].map { try Running($0, server: server.port) }
        defer { for one in running { one.child.stop() } }
        try waitForWalk(running[1])
        _ = try running[0].medianOf(scrapes: 2)
        for round in 1...Self.rounds {
            progress("\(title): round \(round) of \(Self.rounds)")
            let before = (Usage.cpuSeconds(tree: running[0].child.pid), Usage.cpuSeconds(tree: server.pid))
            result.peer.latency.append(try running[0].medianOf(scrapes: 5))
            result.peer.exporterCPU.append((Usage.cpuSeconds(tree: running[0].child.pid) - before.0) / 5)
            result.peer.serverCPU.append((Usage.cpuSeconds(tree: server.pid) - before.1) / 5)
            result.ours.latency.append(try running[1].medianOf(scrapes: 20))
        }
        result.peer.memory = Usage.memory(of: running[0].child.pid)
        result.ours.memory = Usage.memory(of: running[1].child.pid)
        return result
    }

    private func report(_ before: [Double], _ result: Result) -> Report {
        let growth = (median(result.ours.latency) ?? .nan) / (median(before) ?? .nan)
        progress("")
        return Report(
            title: title, peer: peer.name,
            subject: "2,000 keys one by one and two counts; the peer walks in every scrape, ours every minute.",
            lines: [
                .timed("scrape latency, p50", result.peer.latency, result.ours.latency, nil),
                .counted("ours with ten times the keys, to before", .nan, growth, .growth(1.2)) { decimal($0, 2) },
                .timed(
                    "server CPU per walk", result.peer.serverCPU,
                    result.peer.serverCPU.map { _ in result.walk.serverCPU }, 1),
                .timed(
                    "exporter CPU per walk", result.peer.exporterCPU,
                    result.peer.exporterCPU.map { _ in result.walk.exporterCPU }, nil),
                .size("resident memory", result.peer.memory.resident, result.ours.memory.resident, nil),
            ].compactMap { $0 })
    }
}

/// A Redis under test.
struct RedisServer {
    let pid: pid_t
    let port: UInt16
}
