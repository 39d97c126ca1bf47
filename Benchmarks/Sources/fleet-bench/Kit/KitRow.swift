/// Figures of one row and how they stand to its targets.
struct KitRow {
    let title: String
    let unit: String
    /// One value for each round, by program; equal places lie next to each other in time.
    let ours: [Double]
    let others: [Rival: [Double]]
    let targets: [Target]

    static let columns: [(title: String, rival: Rival)] = [
        ("client_golang", .go), ("prometheus-client (Rust)", .rust), ("prometheus_client (Python)", .python),
        ("floor", .floor),
    ]

    /// Ratios as the table prints them, and how many targets are missed.
    func verdicts() -> (texts: [String], missed: Int) {
        var missed = 0
        let texts = targets.map { target -> String in
            guard let (ratio, text, isMet) = judge(target) else { return "not measured" }
            if isMet { return "\(ratio) (\(text)) met" }
            if let floor = floorOutOfReach(target) {
                return "\(ratio) (\(text)) out of reach on this machine, where the floor has \(floor)"
            }
            missed += 1
            return "\(ratio) (\(text)) MISSED"
        }
        return (texts, missed)
    }

    func print() {
        let cells = [Self.text(ours)] + Self.columns.map { Self.text(others[$0.rival] ?? []) }
        Swift.print(
            "| \(title) | \(unit) | \(cells.joined(separator: " | ")) | \(verdicts().texts.joined(separator: "; ")) |")
    }

    static func printHead() {
        let titles = ["", "unit", "ours"] + columns.map(\.title) + ["ratio (target)"]
        Swift.print("| \(titles.joined(separator: " | ")) |")
        Swift.print("|\(String(repeating: "---|", count: titles.count))")
    }

    private func judge(_ target: Target) -> (ratio: String, text: String, isMet: Bool)? {
        switch target {
        case .none:
            guard let value = median(ours) else { return nil }
            return (significant(value), "0", value == 0)
        case .atMost(let limit, let rival):
            guard let ratio = ratio(rival, of: ours) else { return nil }
            return (significant(ratio), "<= \(significant(limit)) of \(name(rival))", ratio <= limit)
        case .atLeast(let limit, let rival):
            guard let ratio = ratio(rival, of: ours) else { return nil }
            return (significant(ratio), ">= \(significant(limit)) of \(name(rival))", ratio >= limit)
        }
    }

    /// The floor's own ratio where it misses the target too, even in its best round. Two threads that share one core, as many virtual machines
    /// have them, hardly contend: then no library can be several times faster than another.
    private func floorOutOfReach(_ target: Target) -> String? {
        guard let floor = others[.floor] else { return nil }
        switch target {
        case .atMost(let limit, let rival) where rival == .go || rival == .rust:
            guard let ratio = ratios(rival, of: floor).min(), ratio > limit else { return nil }
            return significant(ratio)
        case .atLeast(let limit, let rival) where rival == .go || rival == .rust:
            guard let ratio = ratios(rival, of: floor).max(), ratio < limit else { return nil }
            return significant(ratio)
        default: return nil
        }
    }

    /// The median of the ratios of rounds, because what disturbs one round disturbs both of its figures.
    private func ratio(_ rival: Rival, of figures: [Double]) -> Double? {
        median(ratios(rival, of: figures))
    }

    private func ratios(_ rival: Rival, of figures: [Double]) -> [Double] {
        zip(figures, others[rival] ?? []).map { $0 / $1 }
    }

    private func name(_ rival: Rival) -> String {
        switch rival {
        case .go: "Go"
        case .rust: "Rust"
        case .python: "Python"
        case .floor: "floor"
        case .ours(_, let name), .figure(let name): name
        }
    }

    private static func text(_ values: [Double]) -> String { median(values).map(significant) ?? "" }
}

func median(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.sorted()[values.count / 2]
}

/// Three digits that matter.
func significant(_ value: Double) -> String {
    guard value.isFinite else { return "-" }
    let size = abs(value)
    if size == 0 { return "0" }
    let places = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4
    return decimal(value, places)
}
