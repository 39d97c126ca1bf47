/// Reads the arguments of one command line, left to right.
struct CommandLineParser {
    private let set: FlagSet
    /// Arguments still to come, the next one last.
    private var waiting: [String]
    private var entries: [String: FlagValues.Entry] = [:]
    /// Flag read before, for the message about an argument that belongs to nothing.
    private var previous: (shown: String, flag: Flag)?
    private var filesLeft = 16
    /// Whether arguments that are no flags are words and not mistakes.
    var takesWords = false
    /// Arguments that are no flags.
    private(set) var words: [String] = []

    init(_ set: FlagSet, _ arguments: [String]) {
        self.set = set
        self.waiting = arguments.reversed()
    }

    /// - Returns: what was given, by the flags' own names.
    mutating func parse() throws(UsageError) -> [String: FlagValues.Entry] {
        while let argument = try next() {
            if argument == "--" {
                if takesWords { words += waiting.reversed() }
                if takesWords || waiting.isEmpty { break }
                throw UsageError("unexpected argument after --: there is nothing to give but flags; see --help")
            }
            guard let (shown, name, value) = split(argument) else {
                guard takesWords else { throw stray(argument) }
                words.append(argument)
                continue
            }
            try take(shown, name, value)
        }
        return entries
    }

    // MARK: - Arguments

    /// The next argument; a file of arguments is opened where it stands, as kingpin does.
    private mutating func next() throws(UsageError) -> String? {
        while let argument = waiting.popLast() {
            guard set.style == .kingpin, argument.hasPrefix("@"), argument.count > 1 else { return argument }
            filesLeft -= 1
            guard filesLeft > 0 else { throw UsageError("too many @file arguments; does a file name itself?") }
            waiting += try Self.arguments(inFile: String(argument.dropFirst())).reversed()
        }
        return nil
    }

    /// One argument a line; empty lines and lines that begin with `#` do not count.
    private static func arguments(inFile path: String) throws(UsageError) -> [String] {
        do throws(ConfigurationError) {
            let text = try TextFile.contents(path, limit: 1024 * 1024)
            return text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }.map(String.init)
        } catch {
            throw UsageError("@file argument: \(error)")
        }
    }

    /// Dashes and name as written, the name, and the value behind `=`.
    private func split(_ argument: String) -> (shown: String, name: String, value: String?)? {
        guard argument.hasPrefix("-"), argument.count > 1 else { return nil }
        let dashes = argument.hasPrefix("--") ? 2 : 1
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let shown = String(parts[0])
        return (shown, String(shown.dropFirst(dashes)), parts.count > 1 ? String(parts[1]) : nil)
    }

    // MARK: - Flags

    private mutating func take(_ shown: String, _ name: String, _ value: String?) throws(UsageError) {
        let mayBeFlag = set.style == .goFlag || shown.hasPrefix("--") || shown == "-h"
        guard mayBeFlag, let (flag, isNegated) = set.find(name) else { throw unknown(shown, name) }
        previous = (shown, flag)
        let read = try isNegated ? negation(shown, value) : self.value(of: flag, shown, value)
        guard let present = entries[flag.name] else {
            entries[flag.name] = FlagValues.Entry(value: read, origin: shown)
            return
        }
        if case (.strings(let before), .strings(let more)) = (present.value, read) {
            entries[flag.name] = FlagValues.Entry(value: .strings(before + more), origin: shown)
        } else if set.style == .goFlag {
            entries[flag.name] = FlagValues.Entry(value: read, origin: shown)
        } else {
            throw UsageError("\(shown) cannot be repeated; give it once")
        }
    }

    private func negation(_ shown: String, _ value: String?) throws(UsageError) -> FlagValues.Value {
        guard value == nil else { throw UsageError("\(shown) takes no value; see --help") }
        return .bool(false)
    }

    private mutating func value(of flag: Flag, _ shown: String, _ value: String?) throws(UsageError) -> FlagValues.Value
    {
        if let value { return try flag.value(value, from: shown) }
        switch flag.kind {
        case .bool, .action: return .bool(true)
        case .optionalChoice(let choice, let bare):
            guard let word = waiting.last.flatMap(choice.canonical) else { return .string(bare) }
            waiting.removeLast()
            return .string(word)
        default: break
        }
        if set.style == .kingpin, let following = waiting.last, Self.looksLikeFlag(following) {
            throw UsageError("\(shown) needs a value; one that begins with - is given as \(shown)=VALUE")
        }
        guard let following = try next() else { throw UsageError("\(shown) needs a value; see --help") }
        return try flag.value(following, from: shown)
    }

    /// A dash and a digit are a negative number, which deserves a better answer than "needs a value".
    private static func looksLikeFlag(_ argument: String) -> Bool {
        guard argument.hasPrefix("-"), let second = argument.dropFirst().first else { return false }
        return !("0"..."9").contains(second)
    }

    // MARK: - What is wrong

    /// Does not show the argument: it may be a password that lost its flag.
    private func stray(_ argument: String) -> UsageError {
        guard let previous else { return UsageError("unexpected argument; every flag begins with --, see --help") }
        if previous.flag.mayStandAlone {
            return UsageError(
                "unexpected argument after \(previous.shown); a value goes behind =, as in \(previous.shown)=false")
        }
        return UsageError("unexpected argument after \(previous.shown) and its value; a value with spaces needs quotes")
    }

    private func unknown(_ shown: String, _ name: String) -> UsageError {
        let isCollector = name.hasPrefix("collector.") || name.hasPrefix("no-collector.")
        var candidates: [String] = []
        for flag in set.flags where !flag.isHidden {
            candidates.append(flag.name)
            if case .bool = flag.kind, name.hasPrefix("no-") { candidates.append("no-\(flag.name)") }
        }
        let hint = Nearest.hint(name, among: candidates, prefix: "--")
        return UsageError("unknown \(isCollector ? "collector" : "flag") \(Shown.clipped(shown))\(hint); see --help")
    }
}
