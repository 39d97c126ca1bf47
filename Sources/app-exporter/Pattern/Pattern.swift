internal import Glibc
internal import Synchronization

/// A regular expression in the syntax of RE2, as far as POSIX can say it; matched by the C library.
///
/// Compiled once when the configuration is read. Texts are bytes: they need not be UTF-8 and may contain NUL.
final class Pattern: Sendable {
    /// As the user wrote it.
    let source: String
    private let compiled: Mutex<CompiledPattern>

    /// - Throws: `PatternError` with the place or the C library's own words.
    init(_ source: String) throws(PatternError) {
        self.source = source
        compiled = Mutex(try CompiledPattern(try PatternTranslation(source)))
    }

    /// True when the expression matches anywhere in the text.
    func matches(_ text: [UInt8]) -> Bool { compiled.withLock { $0.match(text) != nil } }

    /// The text of the first match and of its groups in order; `nil` without a match.
    func groups(in text: [UInt8]) -> [String]? {
        compiled.withLock { $0.match(text) }.map { ranges in
            ranges.map { String(decoding: text[$0], as: UTF8.self) }
        }
    }
}

/// Why an expression is refused.
struct PatternError: Error, Sendable, Equatable, CustomStringConvertible {
    let description: String
}

/// Owns one `regex_t`.
private struct CompiledPattern: ~Copyable {
    private var raw = regex_t()
    private let groups: [Int]

    init(_ translation: PatternTranslation) throws(PatternError) {
        groups = translation.groups
        let flags =
            REG_EXTENDED | (translation.ignoresCase ? REG_ICASE : 0) | (translation.hasLines ? REG_NEWLINE : 0)
        let code = regcomp(&raw, translation.posix, flags)
        guard code == 0 else {
            var text = [CChar](repeating: 0, count: 256)
            regerror(code, &raw, &text, text.count)
            let words = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            // What failed to compile owns nothing.
            discardMemory = false
            throw PatternError(description: words)
        }
        discardMemory = true
    }

    private let discardMemory: Bool

    deinit {
        var raw = raw
        if discardMemory { regfree(&raw) }
    }

    /// Offsets of the match and of the groups that the user wrote.
    mutating func match(_ bytes: [UInt8]) -> [Range<Int>]? {
        let numbers = [0] + groups
        var found = [regmatch_t](repeating: regmatch_t(rm_so: -1, rm_eo: -1), count: (numbers.max() ?? 0) + 1)
        found[0] = regmatch_t(rm_so: 0, rm_eo: regoff_t(clamping: bytes.count))
        // REG_STARTEND: the text ends where `found` says, not at its first NUL.
        let code = bytes.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text in
                withUnsafePointer(to: 0) { nothing in
                    regexec(&raw, text.baseAddress ?? nothing, found.count, &found, REG_STARTEND)
                }
            }
        }
        guard code == 0 else { return nil }
        return numbers.map { found[$0].rm_so < 0 ? 0..<0 : Int(found[$0].rm_so)..<Int(found[$0].rm_eo) }
    }
}
