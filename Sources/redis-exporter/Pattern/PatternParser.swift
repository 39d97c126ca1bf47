/// Reads a pattern. Groups may stand in each other up to a limit, so that no text exhausts the stack.
struct PatternParser {
    static let digits: [ClosedRange<UInt32>] = [0x30...0x39]
    static let word: [ClosedRange<UInt32>] = [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A]
    static let space: [ClosedRange<UInt32>] = [0x09...0x0A, 0x0C...0x0D, 0x20...0x20]
    private static let deepest = 100
    private static let mostTimes = 1_000

    private let text: [Unicode.Scalar]
    private var position = 0
    private var depth = 0
    private(set) var ignoresCase = false
    private var dotIsAnything = false

    init(_ pattern: String) {
        text = Array(pattern.unicodeScalars)
    }

    mutating func parse() throws(PatternError) -> PatternNode {
        let node = try alternatives()
        guard position == text.count else { throw error("a ) without its (") }
        return node
    }

    private var next: Unicode.Scalar? { position < text.count ? text[position] : nil }

    mutating func takeNext() -> Unicode.Scalar? {
        guard let scalar = next else { return nil }
        position += 1
        return scalar
    }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    /// The next is a `-` that makes a range, and not the last character of a class.
    var isRange: Bool { next == "-" && position + 1 < text.count && text[position + 1] != "]" }

    func error(_ what: String) -> PatternError {
        PatternError(message: "\(what) at character \(min(position, text.count) + 1)")
    }

    private mutating func alternatives() throws(PatternError) -> PatternNode {
        let flags = (ignoresCase, dotIsAnything)
        defer { (ignoresCase, dotIsAnything) = flags }
        var nodes = [try sequence()]
        while take("|") { nodes.append(try sequence()) }
        return nodes.count == 1 ? nodes[0] : .either(nodes)
    }

    private mutating func sequence() throws(PatternError) -> PatternNode {
        var nodes: [PatternNode] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            let node = try atom()
            nodes.append(try repeated(node))
        }
        return .sequence(nodes)
    }

    private mutating func repeated(_ node: PatternNode) throws(PatternError) -> PatternNode {
        let result: PatternNode
        if take("*") {
            result = .times(node, least: 0, most: nil)
        } else if take("+") {
            result = .times(node, least: 1, most: nil)
        } else if take("?") {
            result = .times(node, least: 0, most: 1)
        } else if next == "{", let (least, most) = count() {
            guard least <= Self.mostTimes, most ?? 0 <= Self.mostTimes, least <= most ?? least else {
                throw error("a repetition that is backwards or above \(Self.mostTimes)")
            }
            result = .times(node, least: least, most: most)
        } else {
            return node
        }
        _ = take("?")
        if let scalar = next, scalar == "*" || scalar == "+" || scalar == "?" {
            throw error("a repetition of a repetition")
        }
        return result
    }

    /// `{2}`, `{2,}`, `{2,5}`; anything else behind `{` is text.
    private mutating func count() -> (least: Int, most: Int?)? {
        let begin = position
        position += 1
        if let least = number() {
            if take("}") { return (least, least) }
            if take(",") {
                let most = number()
                if take("}") { return (least, most) }
            }
        }
        position = begin
        return nil
    }

    private mutating func number() -> Int? {
        var digits = ""
        while let scalar = next, Self.digits[0].contains(scalar.value) {
            digits.unicodeScalars.append(scalar)
            position += 1
        }
        return digits.isEmpty ? nil : Int(digits) ?? Int.max
    }

    private mutating func atom() throws(PatternError) -> PatternNode {
        guard let scalar = next else { return .empty }
        if scalar == "*" || scalar == "+" || scalar == "?" { throw error("a repetition of nothing") }
        position += 1
        switch scalar {
        case "(": return try group()
        case "[": return .one(try bracket())
        case "\\": return try escape()
        case "^": return .start
        case "$": return .end
        case ".": return .one(PatternClass(ranges: dotIsAnything ? [] : [0x0A...0x0A], isNegated: true))
        default: return .one(literal(scalar.value))
        }
    }

    private func literal(_ value: UInt32) -> PatternClass {
        PatternClass(ranges: [value...value], ignoresCase: ignoresCase)
    }

    /// `(…)`, `(?:…)`, `(?P<name>…)`, `(?<name>…)`, `(?i:…)`, `(?i)`.
    private mutating func group() throws(PatternError) -> PatternNode {
        let flags = (ignoresCase, dotIsAnything)
        if take("?") {
            if take("P") || next == "<" {
                guard take("<"), let end = text[position...].firstIndex(of: ">"), end > position,
                    text[position..<end].allSatisfy({ PatternClass(ranges: Self.word).contains($0) })
                else { throw error("a group without a name") }
                position = end + 1
            } else if try flagsOnly() {
                return .empty
            }
        }
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw error("more than \(Self.deepest) groups in each other") }
        let node = try alternatives()
        guard take(")") else { throw error("a ( without its )") }
        (ignoresCase, dotIsAnything) = flags
        return node
    }

    /// - Returns: true when the group holds nothing but flags, which then count for the rest of the group around it.
    private mutating func flagsOnly() throws(PatternError) -> Bool {
        var isOn = true
        while let scalar = next {
            position += 1
            switch scalar {
            case "i": ignoresCase = isOn
            case "s": dotIsAnything = isOn
            case "U": break
            case "-": isOn = false
            case ":": return false
            case ")": return true
            default: throw error("a flag other than i, s and U")
            }
        }
        throw error("a ( without its )")
    }
}
