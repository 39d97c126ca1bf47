internal import ExporterKit

/// Versions of a server as semantic version ranges write them: `>=10 <14`, `>=9.6.0, <12 || 15`, `12 - 14`, `16.x`,
/// `~14.2`, `!=13`.
///
/// A blank or a comma means and, `||` means or. A version of fewer than three numbers is all versions that begin so:
/// `=15` is every 15, `>15` begins at 16.
struct VersionRange: Sendable, CustomStringConvertible {
    /// From the first version to before the second; `nil` has no end.
    private typealias Span = (low: ServerVersion, high: ServerVersion?)

    private enum Comparison: Sendable {
        case within(ServerVersion, ServerVersion?)
        case outside(ServerVersion, ServerVersion?)

        func holds(for version: ServerVersion) -> Bool {
            switch self {
            case .within(let low, let high): version >= low && high.map { version < $0 } ?? true
            case .outside(let low, let high): !(version >= low && high.map { version < $0 } ?? true)
            }
        }
    }

    /// As it was written.
    let description: String
    private let alternatives: [[Comparison]]

    /// - Returns: `nil` for what is no range.
    init?(_ text: String) {
        description = text
        var alternatives: [[Comparison]] = []
        var rest = text[...]
        while true {
            let end = rest.firstRange(of: "||")
            guard let all = Self.comparisons(rest[..<(end?.lowerBound ?? rest.endIndex)]) else { return nil }
            alternatives.append(all)
            guard let end else { break }
            rest = rest[end.upperBound...]
        }
        self.alternatives = alternatives
    }

    /// True when a server of this version is meant.
    func contains(_ version: ServerVersion) -> Bool {
        alternatives.contains { $0.allSatisfy { $0.holds(for: version) } }
    }

    private static func comparisons(_ text: Substring) -> [Comparison]? {
        let words = text.split { $0 == "," || $0.isWhitespace }
        if let dash = words.firstIndex(of: "-") {
            guard words.count == 3, dash == 1, let low = span(words[0]), let high = span(words[2]) else { return nil }
            return [.within(low.low, high.high)]
        }
        var comparisons: [Comparison] = []
        var waiting: Substring?
        for word in words {
            let sign = (waiting ?? "") + word.prefix { "<>=!~^".contains($0) }
            let version = word.drop { "<>=!~^".contains($0) }
            if version.isEmpty, waiting == nil {
                waiting = word
                continue
            }
            guard let comparison = comparison(String(sign), version) else { return nil }
            comparisons.append(comparison)
            waiting = nil
        }
        return comparisons.isEmpty || waiting != nil ? nil : comparisons
    }

    private static func comparison(_ sign: String, _ version: Substring) -> Comparison? {
        guard let span = span(version) else { return nil }
        let zero = ServerVersion(0)
        switch sign {
        case "", "=", "==": return .within(span.low, span.high)
        case "!=", "!": return .outside(span.low, span.high)
        case ">=", "=>": return .within(span.low, nil)
        case "<": return .within(zero, span.low)
        case ">": return .outside(zero, span.high)
        case "<=", "=<": return .within(zero, span.high)
        case "~": return .within(span.low, count(version) > 1 ? minorEnd(span.low) : majorEnd(span.low))
        case "^": return .within(span.low, majorEnd(span.low))
        default: return nil
        }
    }

    private static func minorEnd(_ version: ServerVersion) -> ServerVersion {
        ServerVersion(version.major, version.minor + 1)
    }

    private static func majorEnd(_ version: ServerVersion) -> ServerVersion { ServerVersion(version.major + 1) }

    /// How many numbers there are before a wildcard.
    private static func count(_ version: Substring) -> Int {
        version.split(separator: ".").prefix { Int($0) != nil }.count
    }

    /// All versions that begin with the given numbers.
    private static func span(_ text: Substring) -> Span? {
        let text = text.first == "v" ? text.dropFirst() : text
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...3).contains(parts.count) else { return nil }
        var numbers: [Int] = []
        for (index, part) in parts.enumerated() {
            if ["x", "X", "*"].contains(part) {
                guard parts[index...].allSatisfy({ ["x", "X", "*"].contains($0) }) else { return nil }
                break
            }
            guard part.count < 9, part.allSatisfy({ ("0"..."9").contains($0) }), let number = Int(part) else {
                return nil
            }
            numbers.append(number)
        }
        switch numbers.count {
        case 0: return (ServerVersion(0), nil)
        case 1: return (ServerVersion(numbers[0]), ServerVersion(numbers[0] + 1))
        case 2: return (ServerVersion(numbers[0], numbers[1]), ServerVersion(numbers[0], numbers[1] + 1))
        default:
            let low = ServerVersion(numbers[0], numbers[1], numbers[2])
            return (low, ServerVersion(low.major, low.minor, low.patch + 1))
        }
    }
}
