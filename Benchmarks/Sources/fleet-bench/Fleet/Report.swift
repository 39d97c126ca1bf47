import Glibc

/// The table of one contest: absolute figures for orientation, ratios for judgement.
struct Report {
    let title: String
    let peer: String
    /// What was compared, in a line above the table.
    let subject: String
    let lines: [Line]

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
        Swift.print("\n### \(title)\n\n\(subject)\n")
        Swift.print("| | \(peer) | ours | ratio (min-max) | target |")
        Swift.print("|---|---|---|---|---|")
        for line in lines {
            let ratio = line.ratio.map { decimal($0, 2) } ?? ""
            let spread = line.spread.map { " (\(decimal($0.0, 2))-\(decimal($0.1, 2)))" } ?? ""
            let target = line.target.map { "\($0.text) \(line.isMet ? "met" : "MISSED")" } ?? ""
            Swift.print("| \(line.what) | \(line.peer) | \(line.ours) | \(ratio)\(spread) | \(target) |")
        }
    }
}

extension Report {
    /// What a contest measured, line by line.
    init(_ contest: Contest, peer: Figures, ours: Figures) {
        let targets = contest.targets
        let delay = decimal(Contest.delay * 1000, 0)
        let scrapes = "after \(contest.effort.scrapes) scrapes"
        let more = contest.effort.moreSamples
        title = contest.title
        self.peer = contest.peer.name
        subject =
            "\(contest.peer.name): \(peer.series) series, \(peer.bytes) bytes; "
            + "ours: \(ours.series) series, \(ours.bytes) bytes"
        lines = [
            .timed("scrape latency, p50", peer.latency, ours.latency, targets.latency),
            .timed(
                "the same, \(delay) ms from the server each way", peer.delayedLatency, ours.delayedLatency,
                targets.delayedLatency),
            .timed("exporter CPU per scrape", peer.exporterCPU, ours.exporterCPU, targets.exporterCPU),
            .timed("server CPU per scrape", peer.serverCPU, ours.serverCPU, targets.serverCPU),
            .counted("round trips per warm scrape", peer.roundTrips, ours.roundTrips, .atMost(1)) { decimal($0, 1) },
            .counted("new connections per warm scrape", peer.connections, ours.connections, .atMost(0)) {
                decimal($0, 1)
            },
            .size("resident memory \(scrapes)", peer.memory.resident, ours.memory.resident, targets.resident),
            .size("its anonymous part", peer.memory.anonymous, ours.memory.anonymous, targets.anonymous),
            .size("peak of resident memory", peer.memory.peak, ours.memory.peak, targets.peak),
            .counted("resident memory \(more) samples later, to before", peer.growth, ours.growth, .growth(1.05)) {
                decimal($0, 2)
            },
            .size("stripped executable", peer.executable, ours.executable, targets.executable),
            .timed("start to first good scrape", peer.start, ours.start, targets.start),
        ].compactMap { $0 }
    }
}

extension Report.Line {
    /// Medians over rounds; the spread is that of the ratios of rounds, which lie next to each other in time.
    static func timed(_ what: String, _ peers: [Double], _ own: [Double], _ limit: Double?) -> Self? {
        guard let peer = median(peers), let ours = median(own) else { return nil }
        let ratios = zip(own, peers).map { $0 / $1 }
        let ratio = median(ratios) ?? .nan
        var line = line(what, peer, ours, ratio, limit.map(Limit.ratio)) { decimal($0 * 1000, 2) + " ms" }
        line.spread = (ratios.min() ?? .nan, ratios.max() ?? .nan)
        return line
    }

    /// Bytes.
    static func size(_ what: String, _ peer: Double, _ ours: Double, _ limit: Double?) -> Self {
        line(what, peer, ours, ours / peer, limit.map(Limit.ratio)) { decimal($0 / 1_048_576, 1) + " MiB" }
    }

    /// What is judged by itself; its ratio would say nothing.
    static func counted(
        _ what: String, _ peer: Double?, _ ours: Double?, _ target: Limit, _ text: (Double) -> String
    ) -> Self? {
        guard let peer, let ours else { return nil }
        return line(what, peer, ours, nil, target, text)
    }

    private static func line(
        _ what: String, _ peer: Double, _ ours: Double, _ ratio: Double?, _ target: Limit?, _ text: (Double) -> String
    ) -> Self {
        Self(
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
