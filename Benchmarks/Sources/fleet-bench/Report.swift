import Glibc

/// The table of one contest: absolute figures for orientation, ratios for judgement.
struct Report {
    let title: String
    let peerName: String
    let peer: Contest.Figures
    let ours: Contest.Figures

    struct Line {
        let what: String
        let peer: String
        let ours: String
        let ratio: Double
        let spread: (Double, Double)?
        let target: Double?
        var isMet: Bool { target.map { ratio <= $0 } ?? true }
    }

    var lines: [Line] {
        [
            timed("scrape latency, p50", \.latency, target: 0.5),
            timed("exporter CPU per scrape", \.exporterCPU, target: 0.5),
            timed("server CPU per scrape", \.serverCPU, target: 0.5),
            plain("round trips per scrape", \.roundTrips, { decimal($0, 1) }),
            plain("new connections per scrape", \.connections, { decimal($0, 1) }),
            plain("resident memory after \(scrapes) scrapes", \.resident, mebibytes, target: 0.8),
            plain("peak resident memory", \.peak, mebibytes),
            plain("executable", \.executable, mebibytes),
            timed("start to first good scrape", \.start),
        ]
    }

    private var scrapes: Int { 50 + 7 * 150 }

    func print() {
        Swift.print("\n### \(title)\n")
        Swift.print(
            "\(peerName): \(peer.series) series, \(peer.bytes) bytes; ours: \(ours.series) series, \(ours.bytes) bytes\n"
        )
        Swift.print("| | \(peerName) | ours | ratio (min-max) | target |")
        Swift.print("|---|---|---|---|---|")
        for line in lines {
            let spread = line.spread.map { " (\(decimal($0.0, 2))-\(decimal($0.1, 2)))" } ?? ""
            let target = line.target.map { "<= \(decimal($0, 1)) \(line.isMet ? "met" : "MISSED")" } ?? ""
            Swift.print(
                "| \(line.what) | \(line.peer) | \(line.ours) | \(decimal(line.ratio, 2))\(spread) | \(target) |")
        }
    }

    /// Medians over rounds; the spread is that of the ratios of rounds, which lie next to each other in time.
    private func timed(_ what: String, _ values: KeyPath<Contest.Figures, [Double]>, target: Double? = nil) -> Line {
        let ratios = zip(ours[keyPath: values], peer[keyPath: values]).map { $0 / $1 }
        return Line(
            what: what, peer: milliseconds(median(peer[keyPath: values])),
            ours: milliseconds(median(ours[keyPath: values])),
            ratio: median(ratios), spread: (ratios.min() ?? .nan, ratios.max() ?? .nan), target: target)
    }

    private func plain(
        _ what: String, _ value: KeyPath<Contest.Figures, Double>, _ text: (Double) -> String, target: Double? = nil
    ) -> Line {
        let (peer, ours) = (peer[keyPath: value], ours[keyPath: value])
        return Line(what: what, peer: text(peer), ours: text(ours), ratio: ours / peer, spread: nil, target: target)
    }

    private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
    private func milliseconds(_ seconds: Double) -> String { decimal(seconds * 1000, 2) + " ms" }
    private func mebibytes(_ bytes: Double) -> String { decimal(bytes / 1_048_576, 1) + " MiB" }
}

func decimal(_ value: Double, _ places: Int) -> String {
    guard value.isFinite else { return "-" }
    var buffer = [CChar](repeating: 0, count: 64)
    withVaList([value]) { _ = vsnprintf(&buffer, buffer.count, "%.\(places)f", $0) }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
