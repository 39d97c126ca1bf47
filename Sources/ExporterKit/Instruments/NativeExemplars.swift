internal import Glibc

/// A few exemplars of a native histogram, spread over its range.
struct NativeExemplars {
    /// As many as client_golang keeps.
    private static let most = 10
    /// In seconds; an older one goes first.
    private static let maxAge = 300.0
    private var kept: [Exemplar] = []

    /// All of them, by ascending value.
    var byValue: [Exemplar] { kept.sorted { $0.value < $1.value } }

    /// Keeps an exemplar, in place of one that is too old or else of the one with the nearest value.
    mutating func keep(_ exemplar: Exemplar) {
        guard kept.count >= Self.most else { return kept.append(exemplar) }
        let oldest = kept.indices.min { kept[$0].timestamp < kept[$1].timestamp } ?? 0
        if kept[oldest].timestamp < exemplar.timestamp - Self.maxAge {
            kept[oldest] = exemplar
        } else {
            let place = Self.place(exemplar.value)
            let nearest = kept.indices.min {
                abs(Self.place(kept[$0].value) - place) < abs(Self.place(kept[$1].value) - place)
            }
            kept[nearest ?? 0] = exemplar
        }
    }

    /// On a logarithmic scale, as the buckets are.
    private static func place(_ value: Double) -> Double {
        value == 0 ? 0 : copysign(log2(1 + abs(value) * 1e9), value)
    }
}
