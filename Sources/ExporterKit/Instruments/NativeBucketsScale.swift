/// Which exponential bucket a magnitude belongs to.
///
/// With schema `s`, bucket `i` is `(2^((i-1)·2^-s), 2^(i·2^-s)]`. The choice is exact for every double: bounds are rounded down,
/// and a double is not above a bound exactly if it is not above the largest double there. Tables of client_golang and
/// Prometheus are up to 4 units in the last place off: only observations that close to a bound may differ by one bucket.
struct BucketScale: Sendable {
    let schema: Int
    /// By the first bits of a significand, see `makeCells`.
    private let cells: [UInt64]
    private let cellShift: Int
    private let exponentShift: Int
    private let coarsening: Int
    /// Takes off the bias of the exponent, and makes the shift by `coarsening` round up.
    private let offset: Int

    /// - Parameter schema: -4 to 8.
    init(schema: Int) {
        let fine = max(0, schema)
        self.schema = schema
        cells = Self.cells[fine]
        cellShift = Double.significandBitCount - 1 - fine
        exponentShift = fine
        coarsening = max(0, -schema)
        offset = (1 << coarsening) - 1 - (1023 << fine)
    }

    /// The index of a normal number.
    ///
    /// - Parameter bits: of a positive normal number.
    @inline(__always)
    func index(ofNormal bits: UInt64) -> Int {
        index(exponent: Int(truncatingIfNeeded: bits &>> 52), significand: bits & Self.significandMask)
    }

    /// The index of any magnitude above zero; that of infinity is one above all others.
    func index(of magnitude: Double) -> Int {
        if magnitude.isInfinite { return (1024 << exponentShift + (1 << coarsening) - 1) >> coarsening + 1 }
        if magnitude.isNormal { return index(ofNormal: magnitude.bitPattern) }
        let shift = magnitude.bitPattern.leadingZeroBitCount - Double.exponentBitCount
        return index(exponent: 1 - shift, significand: (magnitude.bitPattern << shift) & Self.significandMask)
    }

    /// - Parameter exponent: biased, as in the bits of a double; a subnormal number's is below 1.
    @inline(__always)
    private func index(exponent: Int, significand: UInt64) -> Int {
        let cell = cells.withUnsafeBufferPointer { $0[Int(truncatingIfNeeded: significand &>> UInt64(cellShift))] }
        let boundsBelow = Int(truncatingIfNeeded: (cell &+ significand) &>> 52)
        return (exponent &<< exponentShift &+ boundsBelow &+ offset) &>> coarsening
    }

    /// The largest double in the bucket; infinity for the one above all others.
    func upperBound(of index: Int) -> Double {
        let exponent = (index << coarsening) >> exponentShift
        let significand = Self.significands[(index & (1 << exponentShift - 1)) << (Self.finest - exponentShift)]
        if exponent >= 1024 { return exponent == 1024 && significand == 0 ? .greatestFiniteMagnitude : .infinity }
        if exponent >= -1022 { return Double(bitPattern: UInt64(exponent + 1023) << 52 | significand) }
        return Double(bitPattern: (1 << 52 | significand) >> UInt64(-1022 - exponent))
    }

    /// Where bucket `index` goes when the schema is `steps` lower.
    static func coarser(_ index: Int, by steps: Int) -> Int {
        (index + (1 << steps) - 1) >> steps
    }

    private static let significandMask: UInt64 = 1 << 52 - 1
    private static let finest = NativeHistogramOptions.schemas.upperBound

    /// The bits after the point of `2^(j/256)`, rounded down.
    private static let significands: [UInt64] = {
        var roots: [DoubleDouble] = []
        var root = DoubleDouble(high: 2, low: 0)
        for _ in 0..<finest {
            root = root.squareRoot()
            roots.append(root)
        }
        return (0..<1 << finest).map { step in
            var power = DoubleDouble(high: 1, low: 0)
            for (place, root) in roots.enumerated() where step >> (finest - 1 - place) & 1 == 1 {
                power = power.multiplied(by: root)
            }
            return power.roundedDown.significandBitPattern
        }
    }()

    /// Tables for schema 0 to 8.
    private static let cells: [[UInt64]] = (0...finest).map(makeCells)

    /// `cells[c] + significand`, shifted right by 52, is the number of bounds below any significand that begins with the bits `c`.
    ///
    /// Cells are half as wide as the mean distance of bounds, so none has two of them: an element holds the number of bounds
    /// below the cell above bit 52, and below it what makes a significand above the one bound inside carry.
    private static func makeCells(schema: Int) -> [UInt64] {
        let bounds = stride(from: 0, to: significands.count, by: 1 << (finest - schema)).map { significands[$0] }
        let width: UInt64 = 1 << UInt64(51 - schema)
        return (0..<UInt64(2 << schema)).map { cell in
            let start = cell * width
            let below = UInt64(bounds.count { $0 < start })
            let inside = bounds.first { $0 >= start && $0 < start + width }
            return below << 52 + (inside.map { significandMask - $0 } ?? 0)
        }
    }
}

/// A number with twice the digits of a double: the sum of two that do not overlap.
private struct DoubleDouble {
    var high: Double
    var low: Double

    func squareRoot() -> DoubleDouble {
        let root = high.squareRoot()
        let rest = high.addingProduct(-root, root) + low
        return .sum(root, rest / (2 * root))
    }

    func multiplied(by other: DoubleDouble) -> DoubleDouble {
        let product = high * other.high
        let error = (-product).addingProduct(high, other.high)
        return .sum(product, error + (high * other.low + low * other.high))
    }

    /// The largest double that is not above this.
    var roundedDown: Double { low < 0 ? high.nextDown : high }

    /// - Parameter small: much smaller than `large`.
    private static func sum(_ large: Double, _ small: Double) -> DoubleDouble {
        let high = large + small
        return DoubleDouble(high: high, low: small - (high - large))
    }
}
