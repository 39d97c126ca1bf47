extension PatternParser {
    /// What follows a backslash outside of brackets.
    mutating func escape() throws(PatternError) -> PatternNode {
        switch try escaped() {
        case .set(let set): return .one(set)
        case .character(let value): return .one(PatternClass(ranges: [value...value], ignoresCase: ignoresCase))
        case .boundary(let isBoundary): return .boundary(isBoundary: isBoundary)
        case .start: return .start
        case .end: return .end
        }
    }

    private enum Escaped {
        case set(PatternClass)
        case character(UInt32)
        case boundary(Bool)
        case start, end
    }

    private mutating func escaped() throws(PatternError) -> Escaped {
        guard let scalar = takeNext() else { throw error("a \\ at the end") }
        switch scalar {
        case "d", "D": return .set(PatternClass(ranges: Self.digits, isNegated: scalar == "D"))
        case "w", "W": return .set(PatternClass(ranges: Self.word, isNegated: scalar == "W"))
        case "s", "S": return .set(PatternClass(ranges: Self.space, isNegated: scalar == "S"))
        case "b", "B": return .boundary(scalar == "b")
        case "A": return .start
        case "z": return .end
        case "n": return .character(0x0A)
        case "r": return .character(0x0D)
        case "t": return .character(0x09)
        case "f": return .character(0x0C)
        case "v": return .character(0x0B)
        case "a": return .character(0x07)
        case "x": return .character(try hexadecimal())
        default:
            guard scalar.isASCII, !PatternClass(ranges: Self.word).contains(scalar) else {
                throw error("\\\(scalar), which means nothing,")
            }
            return .character(scalar.value)
        }
    }

    /// `\x41`, `\x{1F600}`.
    private mutating func hexadecimal() throws(PatternError) -> UInt32 {
        var digits = ""
        if take("{") {
            while let scalar = takeNext(), scalar != "}" { digits.unicodeScalars.append(scalar) }
        } else {
            for _ in 0..<2 { if let scalar = takeNext() { digits.unicodeScalars.append(scalar) } }
        }
        guard let value = UInt32(digits, radix: 16), Unicode.Scalar(value) != nil else {
            throw error("\\x without a hexadecimal number")
        }
        return value
    }

    /// `[a-z]`, `[^\d_]`, `[]x]`, `[[:alpha:]]`; the opening bracket has been read.
    mutating func bracket() throws(PatternError) -> PatternClass {
        var set = PatternClass(ignoresCase: ignoresCase)
        set.isNegated = take("^")
        var isFirst = true
        while let scalar = takeNext() {
            if scalar == "]", !isFirst { return set }
            isFirst = false
            if scalar == "[", take(":") {
                set.ranges += try named()
                continue
            }
            guard let low = try member(scalar, of: &set) else { continue }
            var high = low
            if isRange {
                _ = take("-")
                guard let scalar = takeNext(), let end = try member(scalar, of: &set), end >= low else {
                    throw error("a range that is backwards or has no end")
                }
                high = end
            }
            set.ranges.append(low...high)
        }
        throw error("a [ without its ]")
    }

    /// - Returns: `nil` when it is a class of its own, which is then in the set.
    private mutating func member(_ scalar: Unicode.Scalar, of set: inout PatternClass) throws(PatternError) -> UInt32? {
        guard scalar == "\\" else { return scalar.value }
        switch try escaped() {
        case .character(let value): return value
        case .set(let other):
            set.ranges += other.isNegated ? Self.opposite(of: other.ranges) : other.ranges
            return nil
        case .boundary, .start, .end: throw error("a position inside of [ ]")
        }
    }

    private static func opposite(of ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        var from: UInt32 = 0
        for range in ranges {
            if range.lowerBound > from { result.append(from...range.lowerBound - 1) }
            from = range.upperBound + 1
        }
        return result + [from...0x10FFFF]
    }

    private mutating func named() throws(PatternError) -> [ClosedRange<UInt32>] {
        var name = ""
        while let scalar = takeNext(), scalar != ":" { name.unicodeScalars.append(scalar) }
        guard take("]"), let ranges = Self.names[name] else { throw error("a class without a known name") }
        return ranges
    }

    private static let names: [String: [ClosedRange<UInt32>]] = [
        "alnum": [0x30...0x39, 0x41...0x5A, 0x61...0x7A], "alpha": [0x41...0x5A, 0x61...0x7A], "digit": digits,
        "lower": [0x61...0x7A], "upper": [0x41...0x5A], "word": word, "space": [0x09...0x0D, 0x20...0x20],
        "punct": [0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E],
        "xdigit": [0x30...0x39, 0x41...0x46, 0x61...0x66],
    ]
}
