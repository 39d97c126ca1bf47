import Glibc

/// A peer and ours on one server, interleaved in one run, so that whatever else the machine does hits both.
struct Contest {
    let title: String
    let serverPID: pid_t
    let serverPort: UInt16
    let peer: Contender
    let ours: Contender
    let targets: Targets
    var effort = Effort()

    /// Of each direction, in front of the server.
    static let delay = 0.005

    func run() throws -> Report {
        var figures = [Figures(), Figures()]
        let contenders = [peer, ours]
        try measureLoad(of: contenders, into: &figures)
        if effort.delayedScrapes > 0 { try measureWire(of: contenders, into: &figures) }
        for round in 0..<effort.starts {
            progress("\(title): start \(round + 1) of \(effort.starts)")
            for (index, contender) in contenders.enumerated() {
                figures[index].start.append(try Running(contender, server: serverPort).secondsToFirstScrape)
            }
        }
        progress("")
        return Report(self, peer: figures[0], ours: figures[1])
    }

    private func measureLoad(of contenders: [Contender], into figures: inout [Figures]) throws {
        progress("\(title): starting both")
        let running = try contenders.map { try Running($0, server: serverPort) }
        defer { for one in running { one.child.stop() } }
        for one in running { _ = try one.medianOf(scrapes: effort.warmUp) }
        for round in 1...effort.rounds {
            progress("\(title): round \(round) of \(effort.rounds)")
            for (index, one) in running.enumerated() { try measureRound(one, into: &figures[index]) }
        }
        for (index, one) in running.enumerated() {
            progress("\(title): memory of \(contenders[index].name)")
            try measureSize(one, into: &figures[index])
            one.child.stop()
        }
    }

    private func measureRound(_ one: Running, into figures: inout Figures) throws {
        let exporterBefore = Usage.cpuSeconds(tree: one.child.pid)
        let serverBefore = Usage.cpuSeconds(tree: serverPID)
        figures.latency.append(try one.medianOf(scrapes: effort.scrapesPerRound))
        let count = Double(effort.scrapesPerRound)
        figures.exporterCPU.append((Usage.cpuSeconds(tree: one.child.pid) - exporterBefore) / count)
        figures.serverCPU.append((Usage.cpuSeconds(tree: serverPID) - serverBefore) / count)
    }

    private func measureSize(_ one: Running, into figures: inout Figures) throws {
        figures.memory = Usage.memory(of: one.child.pid)
        figures.executable = Usage.executableBytes(of: one.child.pid)
        let body = try one.scraper.scrape().body
        figures.bytes = body.count
        figures.series = body.split(separator: UInt8(ascii: "\n"))
            .count { $0.first != UInt8(ascii: "#") && $0.contains(UInt8(ascii: " ")) }
        guard effort.moreSamples > 0, figures.series > 0 else { return }
        _ = try one.medianOf(scrapes: effort.moreSamples / figures.series + 1)
        figures.growth = Usage.memory(of: one.child.pid).resident / figures.memory.resident
    }

    /// Far from the server: how long a warm scrape takes there, and what it costs on the wire.
    private func measureWire(of contenders: [Contender], into figures: inout [Figures]) throws {
        let proxies = try contenders.map { _ in try WireProxy(to: serverPort, delay: Self.delay) }
        let running = try zip(contenders, proxies).map { try Running($0, server: $1.port) }
        defer { for one in running { one.child.stop() } }
        for one in running { _ = try one.medianOf(scrapes: 5) }
        var totals = [WireProxy.Counts(), WireProxy.Counts()]
        for round in 1...effort.rounds {
            progress("\(title): far from the server, round \(round) of \(effort.rounds)")
            for (index, one) in running.enumerated() {
                _ = proxies[index].take()
                figures[index].delayedLatency.append(try one.medianOf(scrapes: effort.delayedScrapes))
                // What ends the last scrape may still be under way.
                usleep(30_000)
                totals[index] += proxies[index].take()
            }
        }
        let scrapes = Double(effort.rounds * effort.delayedScrapes)
        for index in figures.indices {
            figures[index].roundTrips = Double(totals[index].roundTrips) / scrapes
            figures[index].connections = Double(totals[index].connections) / scrapes
        }
    }
}

/// Shows what goes on, on one line of the terminal; results go to standard output.
func progress(_ text: String) {
    say("\r\u{1B}[2K\(text)")
}

/// Writes to standard error.
func say(_ text: String) {
    _ = text.withCString { write(2, $0, strlen($0)) }
}
