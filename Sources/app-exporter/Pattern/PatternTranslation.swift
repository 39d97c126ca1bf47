/// An expression in RE2's syntax, said in POSIX's extended one.
///
/// `\d`, `\s`, `\w` and their opposites, `\b`, `(?:`, `(?P<name>`, flags in front such as `(?i)`, lazy quantifiers and
/// `\x41` are translated; a dot does not match a line feed unless `(?s)` says so. What POSIX cannot say is an error.
struct PatternTranslation {
    private(set) var posix = ""
    /// Numbers, by POSIX's count, of the groups that capture.
    private(set) var groups: [Int] = []
    private(set) var ignoresCase = false
    /// `^` and `$` are the borders of lines.
    private(set) var hasLines = false
    private var dotIsAny = false
    private var opened = 0
    private var rest: Substring.UnicodeScalarView

    init(_ source: String) throws(PatternError) {
        guard !source.utf8.contains(0) else { throw PatternError(description: "it contains a NUL") }
        rest = Substring(source).unicodeScalars
        try flags()
        while let next = take() {
            switch next {
            case "\\": try escape()
            case "[": try bracket()
            case "(": try group()
            case ".":
                posix += dotIsAny ? "(.|\n)" : "[^\n]"
                if dotIsAny { opened += 1 }
            case "*", "+", "?", "}":
                posix.unicodeScalars.append(next)
                // Lazy or greedy is the same where only a match is asked for.
                if rest.first == "?" { rest.removeFirst() }
            default: posix.unicodeScalars.append(next)
            }
        }
    }

    private mutating func take() -> Unicode.Scalar? { rest.popFirst() }

    /// `(?ims)` at the very beginning.
    private mutating func flags() throws(PatternError) {
        while rest.starts(with: "(?".unicodeScalars) {
            let letters = rest.dropFirst(2).prefix { $0 != ")" }
            guard !letters.isEmpty, letters.allSatisfy({ "imsU".unicodeScalars.contains($0) }) else { return }
            ignoresCase = ignoresCase || letters.contains("i")
            hasLines = hasLines || letters.contains("m")
            dotIsAny = dotIsAny || letters.contains("s")
            rest = rest.dropFirst(2 + letters.count + 1)
        }
    }

    private mutating func group() throws(PatternError) {
        opened += 1
        posix += "("
        guard rest.first == "?" else { return groups.append(opened) }
        rest.removeFirst()
        if rest.first == ":" {
            rest.removeFirst()
            return
        }
        if rest.first == "P" { rest.removeFirst() }
        guard rest.first == "<", let end = rest.firstIndex(of: ">"), end > rest.index(after: rest.startIndex) else {
            throw PatternError(description: "`(?` is known as (?:, (?P<name> and, in front, (?i), (?m), (?s) only")
        }
        guard !["=", "!"].contains(rest[rest.index(after: rest.startIndex)]) else {
            throw PatternError(description: "it cannot look behind")
        }
        rest = rest[rest.index(after: end)...]
        groups.append(opened)
    }

    private mutating func escape() throws(PatternError) {
        guard let next = take() else { throw PatternError(description: "it ends with a backslash") }
        switch next {
        case "d": posix += "[0-9]"
        case "D": posix += "[^0-9]"
        case "A": posix += "^"
        case "z": posix += "$"
        case "n": posix += "\n"
        case "t": posix += "\t"
        case "r": posix += "\r"
        case "f": posix += "\u{0c}"
        case "v": posix += "\u{0b}"
        case "x": try literal(hexadecimal())
        case "s", "S", "w", "W", "b", "B": posix += "\\\(next)"
        case "0"..."9", "a"..."z", "A"..."Z":
            throw PatternError(description: "`\\\(next)` is not known")
        default: literal(next)
        }
    }

    private mutating func literal(_ scalar: Unicode.Scalar) {
        if "\\^$.[]|()*+?{}".unicodeScalars.contains(scalar) { posix += "\\" }
        posix.unicodeScalars.append(scalar)
    }

    /// `\x41` or `\x{41}`, after the x.
    private mutating func hexadecimal() throws(PatternError) -> Unicode.Scalar {
        let isBraced = rest.first == "{"
        if isBraced { rest.removeFirst() }
        let digits = isBraced ? rest.prefix { $0 != "}" } : rest.prefix(2)
        rest = rest.dropFirst(digits.count + (isBraced ? 1 : 0))
        guard let code = UInt32(String(String.UnicodeScalarView(digits)), radix: 16), code > 0,
            let scalar = Unicode.Scalar(code)
        else { throw PatternError(description: "`\\x` needs two hexadecimal digits, not 00") }
        return scalar
    }

    /// Between `[` and `]` POSIX knows no backslash: what is escaped there becomes a class or stands in `[.x.]`.
    private mutating func bracket() throws(PatternError) {
        posix += "["
        if rest.first == "^" {
            rest.removeFirst()
            posix += "^"
        }
        if rest.first == "]" {
            rest.removeFirst()
            posix += "]"
        }
        while let next = take() {
            switch next {
            case "]":
                posix += "]"
                return
            case "[" where rest.first == ":":
                guard let end = rest.firstIndex(of: "]") else { break }
                posix += "[" + String(String.UnicodeScalarView(rest[...end]))
                rest = rest[rest.index(after: end)...]
            case "[": posix += "[.[.]"
            case "\\": try escapeInBracket()
            default: posix.unicodeScalars.append(next)
            }
        }
        throw PatternError(description: "a [ has no ]")
    }

    private mutating func escapeInBracket() throws(PatternError) {
        guard let next = take() else { throw PatternError(description: "it ends with a backslash") }
        switch next {
        case "d": posix += "0-9"
        case "w": posix += "[:alnum:]_"
        case "s": posix += "[:space:]"
        case "n": posix += "\n"
        case "t": posix += "\t"
        case "r": posix += "\r"
        case "f": posix += "\u{0c}"
        case "x": posix.unicodeScalars.append(try hexadecimal())
        case "0"..."9", "a"..."z", "A"..."Z":
            throw PatternError(description: "`\\\(next)` is not known between [ and ]")
        default: posix += next.isASCII ? "[.\(next).]" : String(next)
        }
    }
}
