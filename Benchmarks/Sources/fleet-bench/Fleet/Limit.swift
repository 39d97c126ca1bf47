/// What a line of the table is held to.
enum Limit {
    /// Ours may have this part of the peer's.
    case ratio(Double)
    /// Ours may have so many, to one decimal place, whatever the peer has.
    case atMost(Double)
    /// Ours may have grown to this multiple of itself.
    case growth(Double)

    func isMet(ours: Double, ratio: Double) -> Bool {
        switch self {
        case .ratio(let limit): ratio <= limit
        case .atMost(let limit): (ours * 10).rounded() <= limit * 10
        case .growth(let limit): ours <= limit
        }
    }

    var text: String {
        switch self {
        case .ratio(let limit): "<= \(decimal(limit, 2)) x"
        case .atMost(let limit): "<= \(decimal(limit, 0))"
        case .growth(let limit): "<= \(decimal(limit, 2))"
        }
    }
}

/// Targets of one contest, as parts of what the peer has; nothing is asked where there is none.
struct Targets {
    var latency: Double?
    var delayedLatency: Double?
    var exporterCPU: Double?
    var serverCPU: Double?
    var resident: Double?
    var anonymous: Double?
    var peak: Double?
    var executable: Double?
    var start: Double?
}
