import Glibc

/// One exporter under test: how to start it against a server.
struct Contender {
    let name: String
    /// Arguments, the executable first, to listen on a port and scrape a server on a port.
    let command: (_ listen: UInt16, _ server: UInt16) -> (arguments: [String], environment: [String: String])
    /// A line that a good scrape has.
    let goodLine: String
}

/// A peer and ours on one server, interleaved in one run, so that whatever else the machine does hits both.
struct Contest {
    let title: String
    let serverPID: pid_t
    let serverPort: UInt16
    let peer: Contender
    let ours: Contender

    struct Figures {
        var latency: [Double] = []  // p50 of each round, seconds
        var exporterCPU: [Double] = []  // per scrape and round, seconds
        var serverCPU: [Double] = []
        var resident = 0.0
        var peak = 0.0
        var executable = 0.0
        var start: [Double] = []
        var roundTrips = 0.0
        var connections = 0.0
        var series = 0
        var bytes = 0
    }

    private static let rounds = 7
    private static let scrapesPerRound = 150
    private static let starts = 11

    func run() throws -> (peer: Figures, ours: Figures) {
        var figures = [Figures(), Figures()]
        let contenders = [peer, ours]
        progress("\(title): starting both")
        let running = try contenders.map { try Running($0, server: serverPort) }
        defer { for one in running { one.child.stop() } }
        for one in running { for _ in 0..<50 { _ = try one.scraper.scrape() } }
        for round in 1...Self.rounds {
            progress("\(title): round \(round) of \(Self.rounds)")
            for (index, one) in running.enumerated() {
                try measureRound(one, into: &figures[index])
            }
        }
        for (index, one) in running.enumerated() {
            let body = try one.scraper.scrape().body
            let lines = String(decoding: body, as: UTF8.self).split(separator: "\n")
            figures[index].series = lines.filter { !$0.hasPrefix("#") && $0.contains(" ") }.count
            figures[index].bytes = body.count
            (figures[index].resident, figures[index].peak) = Usage.memory(of: one.child.pid)
            figures[index].executable = Usage.executableBytes(of: one.child.pid)
            one.child.stop()
        }
        for (index, contender) in contenders.enumerated() {
            try measureRoundTrips(contender, into: &figures[index])
        }
        for round in 1...Self.starts {
            progress("\(title): start \(round) of \(Self.starts)")
            for (index, contender) in contenders.enumerated() {
                figures[index].start.append(try Running(contender, server: serverPort).secondsToFirstScrape)
            }
        }
        return (figures[0], figures[1])
    }

    private func measureRound(_ one: Running, into figures: inout Figures) throws {
        let exporterBefore = Usage.cpuSeconds(tree: one.child.pid)
        let serverBefore = Usage.cpuSeconds(tree: serverPID)
        var times: [Double] = []
        for _ in 0..<Self.scrapesPerRound { times.append(try one.scraper.scrape().seconds) }
        let count = Double(Self.scrapesPerRound)
        figures.latency.append(times.sorted()[times.count / 2])
        figures.exporterCPU.append((Usage.cpuSeconds(tree: one.child.pid) - exporterBefore) / count)
        figures.serverCPU.append((Usage.cpuSeconds(tree: serverPID) - serverBefore) / count)
    }

    /// Through a proxy, apart from the timed rounds: what one warm scrape costs on the wire.
    private func measureRoundTrips(_ contender: Contender, into figures: inout Figures) throws {
        let proxy = try CountingProxy(to: serverPort)
        let one = try Running(contender, server: proxy.port)
        defer { one.child.stop() }
        for _ in 0..<5 { _ = try one.scraper.scrape() }
        _ = proxy.take()
        let scrapes = 20
        for _ in 0..<scrapes { _ = try one.scraper.scrape() }
        usleep(50_000)
        let counts = proxy.take()
        figures.roundTrips = Double(counts.roundTrips) / Double(scrapes)
        figures.connections = Double(counts.connections) / Double(scrapes)
    }
}

/// A contender that has answered its first good scrape.
private struct Running {
    let child: Child
    let scraper: Scraper
    let secondsToFirstScrape: Double

    init(_ contender: Contender, server: UInt16) throws {
        let port = freePort()
        let command = contender.command(port, server)
        scraper = Scraper(port: port)
        let began = scraper.now()
        child = try Child(command.arguments, environment: command.environment)
        while true {
            if let body = try? scraper.scrape().body,
                String(decoding: body, as: UTF8.self).contains("\n\(contender.goodLine)\n")
            {
                break
            }
            guard scraper.now() - began < 15 else {
                child.stop()
                throw BenchError(
                    "\(contender.name) gave no good scrape within 15 s: \(command.arguments.joined(separator: " "))")
            }
            usleep(500)
        }
        secondsToFirstScrape = scraper.now() - began
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
