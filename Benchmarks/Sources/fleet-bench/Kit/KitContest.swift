import Glibc

/// ExporterKit against the client libraries of other languages and against the machine: every round asks all programs for
/// the same case, one after another, so that whatever else the machine does hits all of them.
struct KitContest {
    /// `kit-bench`.
    let ours: String
    /// The directory of the peers that `scripts/lib/bench.sh` built.
    let peers: String

    private static let rounds = 7
    /// Python is slow enough to be measured well in fewer.
    private static let pythonRounds = 3

    func run() throws -> [KitRow] {
        let programs: [(rival: Rival?, program: Program)] = [
            (nil, try Program("kit-bench", [ours])),
            (.go, try Program("the peer in Go", [peers + "/peer-go"])),
            (.rust, try Program("the peer in Rust", [peers + "/peer-rust"])),
            (.floor, try Program("the floor", [peers + "/peer-cpp"])),
            (.python, try Program("the peer in Python", [peers + "/peer-python"])),
        ]
        var rows: [KitRow] = []
        var measured: [String: [Double]] = [:]
        for (number, one) in KitCase.all.enumerated() {
            var figures: [Rival?: [Double]] = [:]
            var present: [(rival: Rival?, program: Program)] = []
            progress("kit: case \(number + 1) of \(KitCase.all.count), \(one.title): preparing")
            // The first answer also pays for what is made and touched first.
            for candidate in programs
            where try candidate.program.measure(candidate.rival == nil ? one.name : one.othersName) != nil {
                present.append(candidate)
            }
            for round in 1...Self.rounds {
                progress(
                    "kit: case \(number + 1) of \(KitCase.all.count), \(one.title): round \(round) of \(Self.rounds)")
                for (rival, program) in round.isMultiple(of: 2) ? present.reversed() : present
                where rival != .python || round <= Self.pythonRounds {
                    guard let value = try program.measure(rival == nil ? one.name : one.othersName) else { continue }
                    figures[rival, default: []].append(value)
                }
            }
            let own = figures.removeValue(forKey: nil) ?? []
            measured[one.name] = own
            rows.append(row(one, own, figures, measured))
        }
        return rows
    }

    private func row(
        _ one: KitCase, _ own: [Double], _ figures: [Rival?: [Double]], _ measured: [String: [Double]]
    ) -> KitRow {
        var others: [Rival: [Double]] = [:]
        for case (let rival?, let values) in figures { others[rival] = values }
        for case .atMost(_, let rival) in one.targets {
            if case .ours(let name, _) = rival { others[rival] = measured[name] }
        }
        let unit = one.name.hasSuffix("allocations") ? "blocks" : one.name == "gzip" ? "ms" : "ns"
        return KitRow(title: one.title, unit: unit, ours: own, others: others, targets: one.targets)
    }
}
