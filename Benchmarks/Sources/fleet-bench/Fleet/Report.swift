import Glibc

/// The table of one contest: absolute figures for orientation, ratios for judgement.
struct Report {
    let contest: Contest
    let peer: Figures
    let ours: Figures

    struct Line {
        let what: String
        let peer: String
        let ours: String
        let ratio: Double?
        var spread: (Double, Double)?
        let target: Limit?
        let isMet: Bool
    }

    var missed: Int { lines.count { !$0.isMet } }

    func print() {
        Swift.print("\n### \(contest.title)\n")
        Swift.print(
            "\(contest.peer.name): \(peer.series) series, \(peer.bytes) bytes; "
                + "ours: \(ours.series) series, \(ours.bytes) bytes\n")
        Swift.print("| | \(contest.peer.name) | ours | ratio (min-max) | target |")
        Swift.print("|---|---|---|---|---|")
        for line in lines {
            let ratio = line.ratio.map { decimal($0, 2) } ?? ""
            let spread = line.spread.map { " (\(decimal($0.0, 2))-\(decimal($0.1, 2)))" } ?? ""
            let target = line.target.map { "\($0.text) \(line.isMet ? "met" : "MISSED")" } ?? ""
            Swift.print("| \(line.what) | \(line.peer) | \(line.ours) | \(ratio)\(spread) | \(target) |")
        }
    }

    private var lines: [Line] {
        let targets = contest.targets
        let delay = decimal(Contest.delay * 1000, 0)
        let scrapes = "after \(contest.effort.scrapes) scrapes"
        let more = contest.effort.moreSamples
        return [
            timed("scrape latency, p50", \.latency, targets.latency),
            timed("the same, \(delay) ms from the server each way", \.delayedLatency, targets.delayedLatency),
            timed("exporter CPU per scrape", \.exporterCPU, targets.exporterCPU),
            timed("server CPU per scrape", \.serverCPU, targets.serverCPU),
            counted("round trips per warm scrape", \.roundTrips, .atMost(1)) { decimal($0, 1) },
            counted("new connections per warm scrape", \.connections, .atMost(0)) { decimal($0, 1) },
            plain("resident memory \(scrapes)", \.memory.resident, targets.resident),
            plain("its anonymous part", \.memory.anonymous, targets.anonymous),
            plain("peak of resident memory", \.memory.peak, targets.peak),
            counted("resident memory \(more) samples later, to before", \.growth, .growth(1.05)) { decimal($0, 2) },
            plain("stripped executable", \.executable, targets.executable),
            timed("start to first good scrape", \.start, targets.start),
        ].compactMap { $0 }
    }

    /// Medians over rounds; the spread is that of the ratios of rounds, which lie next to each other in time.
    private func timed(_ what: String, _ values: KeyPath<Figures, [Double]>, _ limit: Double?) -> Line? {
        guard let peers = median(peer[keyPath: values]), let own = median(ours[keyPath: values]) else { return nil }
        let ratios = zip(ours[keyPath: values], peer[keyPath: values]).map { $0 / $1 }
        let ratio = median(ratios) ?? .nan
        var line = line(what, peers, own, ratio, limit.map(Limit.ratio)) { decimal($0 * 1000, 2) + " ms" }
        line.spread = (ratios.min() ?? .nan, ratios.max() ?? .nan)
        return line
    }

    private func plain(_ what: String, _ value: KeyPath<Figures, Double>, _ limit: Double?) -> Line {
        let (peers, own) = (peer[keyPath: value], ours[keyPath: value])
        return line(what, peers, own, own / peers, limit.map(Limit.ratio)) { decimal($0 / 1_048_576, 1) + " MiB" }
    }

    /// What is judged by itself; its ratio would say nothing.
    private func counted(
        _ what: String, _ value: KeyPath<Figures, Double?>, _ target: Limit, _ text: (Double) -> String
    ) -> Line? {
        guard let peers = peer[keyPath: value], let own = ours[keyPath: value] else { return nil }
        return line(what, peers, own, nil, target, text)
    }

    private func line(
        _ what: String, _ peer: Double, _ ours: Double, _ ratio: Double?, _ target: Limit?, _ text: (Double) -> String
    ) -> Line {
        Line(
            what: what, peer: text(peer), ours: text(ours), ratio: ratio, target: target,
            isMet: target?.isMet(ours: ours, ratio: ratio ?? .nan) ?? true)
    }
}

func decimal(_ value: Double, _ places: Int) -> String {
    guard value.isFinite else { return "-" }
    var buffer = [CChar](repeating: 0, count: 64)
    withVaList([value]) { _ = vsnprintf(&buffer, buffer.count, "%.\(places)f", $0) }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
