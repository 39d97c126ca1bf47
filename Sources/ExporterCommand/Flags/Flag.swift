/// One flag of a program: what it is called, what it takes, what it is for.
public struct Flag: Sendable {
    /// Name without dashes, for example `web.listen-address`.
    public let name: String
    /// Other names that mean the same, without dashes; not shown in `--help`.
    public let aliases: [String]
    /// Variables that give the value when the command line does not; the first one that is set counts.
    public let environment: [String]
    /// What it is for, one sentence that ends with a period. Default and variables are added by `--help`.
    public let help: String
    /// Heading under which `--help` shows it; `nil` for the program's own heading.
    public let group: String?
    /// Accepted but not shown: names kept for those who still give them.
    public let isHidden: Bool
    let kind: Kind

    enum Kind: Sendable {
        case string(default: String)
        case strings(default: [String])
        case bool(default: Bool)
        case int(default: Int, range: ClosedRange<Int>)
        case duration(default: Duration, minimum: Duration)
        case choice(Choice, default: String)
        /// May stand alone; then it has the value `bare`.
        case optionalChoice(Choice, bare: String)
        /// A switch that makes the program do one thing and exit; no value, no `--no-` form, no variable.
        case action
    }

    /// The words a flag accepts, compared without regard to case.
    struct Choice: Sendable {
        let words: [String]
        /// Words that stand for one of `words`.
        let synonyms: [String: String]

        /// The word as it is in `words`, or `nil`.
        func canonical(_ text: String) -> String? {
            let lower = text.lowercased()
            return words.first { $0 == lower } ?? synonyms[lower]
        }
    }
}

extension Flag {
    /// Any text.
    public static func string(
        _ name: String, default value: String = "", aliases: [String] = [], environment: String...,
        group: String? = nil,
        isHidden: Bool = false, help: String
    ) -> Flag {
        Flag(name, .string(default: value), aliases, environment, group, isHidden, help)
    }

    /// Any text, as often as wanted. A variable holds one value per line.
    public static func strings(
        _ name: String, default values: [String] = [], aliases: [String] = [], environment: String...,
        group: String? = nil, isHidden: Bool = false, help: String
    ) -> Flag {
        Flag(name, .strings(default: values), aliases, environment, group, isHidden, help)
    }

    /// Yes or no: `--x`, `--no-x`, `--x=false`.
    public static func bool(
        _ name: String, default value: Bool = false, aliases: [String] = [], environment: String...,
        group: String? = nil, isHidden: Bool = false, help: String
    ) -> Flag {
        Flag(name, .bool(default: value), aliases, environment, group, isHidden, help)
    }

    /// A whole number within a range.
    public static func int(
        _ name: String, default value: Int, in range: ClosedRange<Int> = 0...Int.max, aliases: [String] = [],
        environment: String..., group: String? = nil, isHidden: Bool = false, help: String
    ) -> Flag {
        Flag(name, .int(default: value, range: range), aliases, environment, group, isHidden, help)
    }

    /// A time such as `1m30s` or `500ms`, not less than `minimum`.
    public static func duration(
        _ name: String, default value: Duration, minimum: Duration = .zero, aliases: [String] = [],
        environment: String..., group: String? = nil, isHidden: Bool = false, help: String
    ) -> Flag {
        Flag(name, .duration(default: value, minimum: minimum), aliases, environment, group, isHidden, help)
    }

    /// One of a few words, upper or lower case.
    ///
    /// - Parameters:
    ///   - words: in lower case; `FlagValues.string` gives one of these.
    ///   - synonyms: further accepted words, in lower case, and the word each stands for.
    public static func choice(
        _ name: String, of words: [String], synonyms: [String: String] = [:], default value: String,
        aliases: [String] = [], environment: String..., group: String? = nil, isHidden: Bool = false, help: String
    ) -> Flag {
        let choice = Choice(words: words, synonyms: synonyms)
        return Flag(name, .choice(choice, default: value), aliases, environment, group, isHidden, help)
    }

    /// A switch that makes the program do one thing of `Exporter.actions`, print and exit.
    public static func action(_ name: String, aliases: [String] = [], help: String) -> Flag {
        Flag(name, .action, aliases, [], CommonFlags.actionGroup, false, help)
    }

    init(
        _ name: String, _ kind: Kind, _ aliases: [String], _ environment: [String], _ group: String?, _ isHidden: Bool,
        _ help: String
    ) {
        self.name = name
        self.kind = kind
        self.aliases = aliases
        self.environment = environment
        self.group = group
        self.isHidden = isHidden
        self.help = help
    }
}

/// How a command line is written.
public enum FlagStyle: Sendable {
    /// As the exporters of the Prometheus organisation: two dashes, `--x=v` or `--x v`, `--no-x`, `@file`.
    case kingpin
    /// As Go's `flag` package: one dash or two, `-x v` or `-x=v`; a bool takes a value only with `=`; of a repeated flag the
    /// last counts.
    /// Source: https://pkg.go.dev/flag#hdr-Command_line_flag_syntax
    case goFlag
}
