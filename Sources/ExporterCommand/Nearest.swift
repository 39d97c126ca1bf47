/// Finds what somebody probably meant.
package enum Nearest {
    /// The candidate that differs least: at most one change per three characters.
    package static func of(_ text: String, among candidates: [String]) -> String? {
        guard text.count <= 80 else { return nil }
        let scored = candidates.map {
            (candidate: $0, distance: distance(Array(text.lowercased()), Array($0.lowercased())))
        }
        guard let best = scored.min(by: { $0.distance < $1.distance }) else { return nil }
        let shorter = min(text.count, best.candidate.count)
        return shorter > 2 && best.distance <= max(1, shorter / 3) ? best.candidate : nil
    }

    /// ` (did you mean X?)`, or nothing; `prefix` is put before X.
    package static func hint(_ text: String, among candidates: [String], prefix: String = "") -> String {
        of(text, among: candidates).map { " (did you mean \(prefix)\($0)?)" } ?? ""
    }

    /// Insertions, deletions, replacements and swaps of neighbours.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
        var before: [Int] = []
        var previous = Array(0...right.count)
        for i in 1...left.count {
            var current = [i]
            for j in 1...right.count {
                let replaced = previous[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1)
                var best = min(previous[j] + 1, current[j - 1] + 1, replaced)
                if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
                    best = min(best, before[j - 2] + 1)
                }
                current.append(best)
            }
            (before, previous) = (previous, current)
        }
        return previous[right.count]
    }
}

/// Text from outside as a message shows it.
package enum Shown {
    /// One line, without control characters, at most 60 characters.
    package static func clipped(_ text: String) -> String {
        let short = text.count > 60 ? text.prefix(57) + "..." : text[...]
        return String(String.UnicodeScalarView(short.unicodeScalars.map { TextSafety.isSafe($0) ? $0 : "?" }))
    }
}
