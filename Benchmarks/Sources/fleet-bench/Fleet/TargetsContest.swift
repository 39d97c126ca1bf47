/// A thousand servers through `/scrape` of one instance. They are one server under a thousand addresses of this machine, each a
/// target of its own to who scrapes them.
struct TargetsContest {
    let title: String
    let server: RedisServer
    let peer: Contender
    let ours: Contender

    private static let count = 1_000
    private static let rounds = 3

    private struct Result {
        /// Seconds, for each round.
        var middle: [Double] = []
        var late: [Double] = []
        var exporterCPU: [Double] = []
        var memory = Usage.Memory()
        /// Resident memory after all rounds, as a multiple of what it was when every target had been asked once.
        var growth = 0.0
        var sockets = 0.0
    }

    func run() throws -> Report {
        let wire = try RedisWire(port: server.port)
        // Only for a while, and with `protected-mode`, which lets nobody in from another machine.
        try wire.run(["CONFIG SET protected-mode yes", "CONFIG SET bind 0.0.0.0"])
        defer { try? wire.run(["CONFIG SET bind 127.0.0.1"]) }
        var results = [Result(), Result()]
        let running = try [peer, ours].map { try Running($0, server: server.port) }
        defer { for one in running { one.child.stop() } }
        var first: [Double] = []
        for one in running {
            progress("\(title): first scrapes")
            _ = try times(one)
            first.append(Usage.memory(of: one.child.pid).resident)
        }
        for round in 1...Self.rounds {
            progress("\(title): round \(round) of \(Self.rounds)")
            for (index, one) in running.enumerated() {
                let before = Usage.cpuSeconds(tree: one.child.pid)
                let times = try times(one).sorted()
                results[index].exporterCPU.append(
                    (Usage.cpuSeconds(tree: one.child.pid) - before) / Double(Self.count))
                results[index].middle.append(times[times.count / 2])
                results[index].late.append(times[times.count * 99 / 100])
            }
        }
        for (index, one) in running.enumerated() {
            results[index].memory = Usage.memory(of: one.child.pid)
            results[index].growth = results[index].memory.resident / first[index]
            results[index].sockets = Double(Usage.sockets(of: one.child.pid))
        }
        return report(results[0], results[1])
    }

    /// Scrapes each target once.
    private func times(_ one: Running) throws -> [Double] {
        try (0..<Self.count).map { number in
            let address = "127.1.\(number / 250).\(number % 250 + 1)"
            return try one.scraper.scrape("/scrape?target=redis://\(address):\(server.port)").seconds
        }
    }

    private func report(_ peer: Result, _ ours: Result) -> Report {
        progress("")
        return Report(
            title: title, peer: self.peer.name,
            subject: "One request after the other over one connection, \(Self.count) targets in turn.",
            lines: [
                .timed("scrape latency, p50", peer.middle, ours.middle, nil),
                .timed("scrape latency, p99", peer.late, ours.late, 0.3),
                .timed("exporter CPU per scrape", peer.exporterCPU, ours.exporterCPU, nil),
                .size("resident memory", peer.memory.resident, ours.memory.resident, nil),
                .counted(
                    "resident memory \(Self.rounds) rounds later, to before", peer.growth, ours.growth, .growth(1.05)
                ) { decimal($0, 2) },
                // One for each target, what listens, and the benchmark's own.
                .counted("sockets open", peer.sockets, ours.sockets, .atMost(Double(Self.count + 10))) {
                    decimal($0, 0)
                },
            ].compactMap { $0 })
    }
}
