/// All flags of a program: looks names up, reads values.
struct FlagSet: Sendable {
    let style: FlagStyle
    /// In the order of `--help`.
    let flags: [Flag]
    private let byName: [String: Flag]

    /// Two flags of one name are a mistake in the program, found by its first start.
    init(_ flags: [Flag], style: FlagStyle) {
        var byName: [String: Flag] = [:]
        for flag in flags {
            for name in [flag.name] + flag.aliases {
                precondition(byName.updateValue(flag, forKey: name) == nil, "flag --\(name) is declared twice")
            }
        }
        self.flags = flags
        self.style = style
        self.byName = byName
    }

    /// A flag by its name or alias, and whether the name is its `no-` form.
    func find(_ name: String) -> (flag: Flag, isNegated: Bool)? {
        if let flag = byName[name] { return (flag, false) }
        guard name.hasPrefix("no-"), let flag = byName[String(name.dropFirst(3))], case .bool = flag.kind else {
            return nil
        }
        return (flag, true)
    }

    /// Reads a command line and an environment.
    ///
    /// - Parameter arguments: without the program's own name.
    /// - Throws: the first thing that is wrong. Never shows text that may be a password.
    func parse(_ arguments: [String], environment: [String: String]) throws(UsageError) -> FlagValues {
        var line = CommandLineParser(self, arguments)
        return try complete(try line.parse(), environment)
    }

    /// Reads a command line that may have words besides flags.
    func parseWords(
        _ arguments: [String], environment: [String: String]
    ) throws(UsageError) -> (flags: FlagValues, words: [String]) {
        var line = CommandLineParser(self, arguments)
        line.takesWords = true
        let flags = try complete(try line.parse(), environment)
        return (flags, line.words)
    }

    /// Adds what the environment says, and defaults.
    private func complete(
        _ given: [String: FlagValues.Entry], _ environment: [String: String]
    ) throws(UsageError) -> FlagValues {
        var entries = given
        for flag in flags where entries[flag.name] == nil {
            entries[flag.name] = try entry(of: flag, in: environment) ?? flag.defaultEntry
        }
        return FlagValues(entries: entries)
    }

    /// An empty variable counts as not set; only for texts in Go's style it counts as the empty text, as in redis_exporter.
    private func entry(of flag: Flag, in environment: [String: String]) throws(UsageError) -> FlagValues.Entry? {
        for variable in flag.environment {
            guard let text = environment[variable] else { continue }
            if text.isEmpty {
                guard style == .goFlag, case .string = flag.kind else { continue }
            }
            return FlagValues.Entry(value: try flag.environmentValue(text, from: variable), origin: variable)
        }
        return nil
    }
}

extension Flag {
    /// The words Go's `strconv.ParseBool` accepts.
    private static let trueWords = ["1", "t", "T", "TRUE", "true", "True"]
    private static let falseWords = ["0", "f", "F", "FALSE", "false", "False"]

    /// Whether a bare `--x` is complete.
    var mayStandAlone: Bool {
        switch kind {
        case .bool, .action, .optionalChoice: true
        default: false
        }
    }

    var isRepeatable: Bool {
        if case .strings = kind { true } else { false }
    }

    var defaultEntry: FlagValues.Entry {
        let value: FlagValues.Value =
            switch kind {
            case .string(let value), .choice(_, let value): .string(value)
            case .strings(let values): .strings(values)
            case .bool(let value): .bool(value)
            case .int(let value, _): .int(value)
            case .duration(let value, _): .duration(value)
            case .optionalChoice: .string("")
            case .action: .bool(false)
            }
        return FlagValues.Entry(value: value, origin: nil)
    }

    /// Reads a value.
    ///
    /// - Parameter origin: how the user gave it, for the message.
    func value(_ text: String, from origin: String) throws(UsageError) -> FlagValues.Value {
        switch kind {
        case .string: return .string(text)
        case .strings: return .strings([text])
        case .bool, .action:
            if Self.trueWords.contains(text) { return .bool(true) }
            if Self.falseWords.contains(text) { return .bool(false) }
        case .int(_, let range):
            if let number = Int(text), range.contains(number) { return .int(number) }
        case .duration(_, let minimum):
            if let duration = DurationText.parse(text), duration >= minimum { return .duration(duration) }
        case .choice(let choice, _), .optionalChoice(let choice, _):
            if let word = choice.canonical(text) { return .string(word) }
        }
        throw UsageError("\(origin): `\(Shown.clipped(text))` is not \(expectation); see --help")
    }

    fileprivate func environmentValue(_ text: String, from variable: String) throws(UsageError) -> FlagValues.Value {
        guard isRepeatable else { return try value(text, from: variable) }
        return .strings(text.split(whereSeparator: \.isNewline).map(String.init))
    }

    /// What a value must be, to follow "is not".
    private var expectation: String {
        switch kind {
        case .string, .strings: "text"
        case .bool, .action: "true or false"
        case .int(_, let range) where range.upperBound == .max: "a whole number of at least \(range.lowerBound)"
        case .int(_, let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .duration(_, let minimum) where minimum > .zero:
            "a time of at least \(DurationText.format(minimum)) such as 10s, 250ms or 1m30s"
        case .duration: "a time such as 10s, 250ms or 1m30s"
        case .choice(let choice, _), .optionalChoice(let choice, _): "one of \(choice.words.joined(separator: ", "))"
        }
    }
}
