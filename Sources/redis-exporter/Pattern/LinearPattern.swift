/// A regular expression in the syntax of RE2, matched in time that grows with the text alone: no pattern and no text can
/// make it hang.
///
/// Texts, `.`, classes with ranges and `[:alpha:]`, `\d \w \s` and their opposites, groups, `|`, `* + ? {n,m}` lazy or
/// not, `^ $ \b \B`, and the flags `i` and `s`. Unanchored, as Go's `MatchString` is. Names of Unicode classes (`\p`) are not
/// known, and as in RE2 there are no back references and no looking around.
struct LinearPattern: Sendable {
    private let program: PatternProgram

    /// Matches everything.
    static let all = LinearPattern(program: PatternProgram(steps: [.match]))

    /// - Throws: what is wrong with the pattern, and where.
    init(_ pattern: String) throws(PatternError) {
        var parser = PatternParser(pattern)
        program = try PatternProgram(parser.parse())
    }

    private init(program: PatternProgram) {
        self.program = program
    }

    /// Whether the pattern matches anywhere in the text.
    func matches(_ text: String) -> Bool { program.matches(Array(text.unicodeScalars)) }
}

/// Why a text is no pattern.
struct PatternError: Error, Equatable {
    /// For the person who wrote it; names the character, counted from 1.
    let message: String
}

/// A set of characters.
struct PatternClass: Sendable {
    var ranges: [ClosedRange<UInt32>] = []
    var isNegated = false
    var ignoresCase = false

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        var found = has(scalar.value)
        if ignoresCase, !found {
            let properties = scalar.properties
            found = [properties.lowercaseMapping, properties.uppercaseMapping].contains { mapped in
                mapped.unicodeScalars.count == 1 && mapped.unicodeScalars.first.map { has($0.value) } == true
            }
        }
        return found != isNegated
    }

    private func has(_ value: UInt32) -> Bool { ranges.contains { $0.contains(value) } }
}

/// What a pattern is made of.
indirect enum PatternNode: Sendable {
    case empty
    case one(PatternClass)
    case start, end
    case boundary(isBoundary: Bool)
    case sequence([PatternNode])
    case either([PatternNode])
    case times(PatternNode, least: Int, most: Int?)
}
