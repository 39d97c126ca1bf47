import Glibc

/// ExporterKit's server against Go's promhttp under load, both up at once and asked alternately, over loopback.
struct KitServers {
    let ours: String
    let peers: String

    func run() throws -> [KitRow] {
        try contest(series: 1_000, rounds: 5, seconds: 2) { few in
            [
                try few.requests("1,000 series, requests", gzip: false, .atLeast(10, .go)),
                try few.requests("1,000 series, requests, gzip", gzip: true, .atLeast(4, .go)),
            ]
        }
            + contest(series: 100_000, rounds: 3, seconds: 5) { many in
                [
                    try many.requests("100,000 series, requests", gzip: false, .atLeast(40, .go)),
                    many.memory("100,000 series, resident", \.resident),
                    many.memory("100,000 series, most resident", \.peak, .atMost(0.2, .go)),
                ]
            } + [try million()]
    }

    private func contest(series: Int, rounds: Int, seconds: Int, _ body: (Pair) throws -> [KitRow]) throws -> [KitRow] {
        progress("kit: servers of \(series) series: starting")
        let pair = Pair(
            ours: try Server([ours], series: series), go: try Server([peers + "/peer-go"], series: series),
            floor: try Server([peers + "/peer-cpp"], series: series), wrk: peers + "/wrk", rounds: rounds,
            seconds: seconds)
        defer { for server in [pair.ours, pair.go, pair.floor] { server.child.stop() } }
        return try body(pair)
    }

    /// Growth by one scrape of 1,000,000 series, the first after registering them.
    private func million() throws -> KitRow {
        progress("kit: a scrape of 1,000,000 series")
        let server = try Server([ours], series: 1_000_000, warm: false)
        defer { server.child.stop() }
        let before = Usage.memory(of: server.child.pid).resident
        Usage.forgetPeak(of: server.child.pid)
        let body = Double(try Scraper(port: server.port).scrape().body.count)
        let growth = Usage.memory(of: server.child.pid).peak - before
        let mebibyte = 1_048_576.0
        return KitRow(
            title: "1,000,000 series, growth by a scrape (body \(decimal(body / mebibyte, 0)) MiB)", unit: "MiB",
            ours: [growth / mebibyte], others: [.figure("the body"): [body / mebibyte]],
            targets: [.atMost(2, .figure("the body"))])
    }
}

/// A server that is up.
private struct Server {
    let child: Child
    let port: UInt16

    /// - Parameter warm: ask for one scrape; otherwise only whether somebody listens.
    init(_ command: [String], series: Int, warm: Bool = true) throws {
        port = freePort()
        child = try Child(command + ["serve", String(series), String(port)])
        let scraper = Scraper(port: port)
        let began = scraper.now()
        while scraper.now() - began < 60 {
            if warm ? (try? scraper.scrape()) != nil : scraper.listens() { return }
            usleep(20_000)
        }
        child.stop()
        throw BenchError("\(command[0]) did not answer within 60 s")
    }
}

/// Both servers of one number of series.
private struct Pair {
    let ours: Server
    let go: Server
    /// Encodes for each request and does nothing else; it knows no gzip.
    let floor: Server
    let wrk: String
    let rounds: Int
    let seconds: Int

    func requests(_ title: String, gzip: Bool, _ target: Target) throws -> KitRow {
        var (own, others): ([Double], [Rival: [Double]]) = ([], [:])
        for round in 1...rounds {
            progress("kit: \(title): round \(round) of \(rounds)")
            own.append(try load(ours, gzip: gzip))
            others[.go, default: []].append(try load(go, gzip: gzip))
            if !gzip { others[.floor, default: []].append(try load(floor, gzip: false)) }
        }
        return KitRow(title: title, unit: "1/s", ours: own, others: others, targets: [target])
    }

    func memory(
        _ title: String, _ value: KeyPath<Usage.Memory, Double>, _ target: Target? = nil
    ) -> KitRow {
        let figures = [ours, go, floor].map { Usage.memory(of: $0.child.pid)[keyPath: value] / 1_048_576 }
        return KitRow(
            title: title, unit: "MiB", ours: [figures[0]], others: [.go: [figures[1]], .floor: [figures[2]]],
            targets: target.map { [$0] } ?? [])
    }

    private func load(_ server: Server, gzip: Bool) throws -> Double {
        let report = try outputOf([
            wrk, "-t1", "-c2", "-d\(seconds)s", "--timeout", "30s", "-H", "Accept: text/plain;version=0.0.4", "-H",
            "Accept-Encoding: \(gzip ? "gzip" : "identity")", "http://127.0.0.1:\(server.port)/metrics",
        ])
        let line = report.split(separator: "\n").first { $0.hasPrefix("Requests/sec:") }
        guard !report.contains("Non-2xx"), !report.contains("Socket errors"),
            let rate = line.flatMap({ Double($0.dropFirst("Requests/sec:".count).drop { $0 == " " }) })
        else { throw BenchError("wrk did not like the answers:\n\(report)") }
        return rate
    }
}
