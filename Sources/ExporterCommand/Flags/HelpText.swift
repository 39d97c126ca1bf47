/// Lays out `--help`.
struct HelpText {
    private static let width = 100
    private static let column = 34

    private var lines: [String] = []

    /// - Returns: at most 100 columns wide, except for a word that is longer than its column.
    static func render(
        name: String, summary: String, _ set: FlagSet, _ commands: [ProgramCommand] = []
    ) -> String {
        var help = HelpText()
        help.lines.append("Usage: \(name) [flags]")
        if !commands.isEmpty { help.lines.append("       \(name) COMMAND [flags]; COMMAND --help tells more") }
        help.lines.append("")
        help.lines += wrapped(summary, width)
        if !commands.isEmpty { help.lines += ["", "Commands:"] }
        for command in commands { help.add("  \(command.name) \(command.words)", command.summary) }
        return help.rendered(name, set)
    }

    /// Help of a command.
    static func render(name: String, command: ProgramCommand, _ set: FlagSet) -> String {
        var help = HelpText()
        help.lines = ["Usage: \(name) \(command.name) \(command.words) [flags]", ""] + wrapped(command.summary, width)
        return help.rendered(name, set)
    }

    /// With the flags, by their groups.
    private func rendered(_ name: String, _ set: FlagSet) -> String {
        var help = self
        let own = "Flags of \(name)"
        let groups = set.flags.map { $0.group ?? own }
        for (index, group) in groups.enumerated() where groups.firstIndex(of: group) == index {
            help.lines += ["", "\(group):"]
            for flag in set.flags where (flag.group ?? own) == group && !flag.isHidden { help.add(flag) }
        }
        help.lines += [""] + Self.wrapped(Self.note(for: set.style), Self.width)
        return help.lines.joined(separator: "\n") + "\n"
    }

    private static func note(for style: FlagStyle) -> String {
        switch style {
        case .kingpin:
            "A flag is given as --flag=value or --flag value and wins over its variable; @file reads flags from a file."
        case .goFlag: "A flag is given as --flag=value, --flag value or -flag value and wins over its variable."
        }
    }

    private mutating func add(_ flag: Flag) {
        add("  " + flag.shape, flag.help + flag.details)
    }

    private mutating func add(_ head: String, _ text: String) {
        let text = Self.wrapped(text, Self.width - Self.column)
        if head.count + 2 > Self.column {
            lines.append(head)
            lines += text.map { Self.indented("", $0) }
        } else {
            lines += text.enumerated().map { Self.indented($0 == 0 ? head : "", $1) }
        }
    }

    private static func indented(_ head: String, _ text: String) -> String {
        head + String(repeating: " ", count: column - head.count) + text
    }

    private static func wrapped(_ text: String, _ width: Int) -> [String] {
        var lines: [String] = [""]
        for word in text.split(separator: " ") {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if last.count + 1 + word.count <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}

extension Flag {
    /// Name and value as one types them.
    fileprivate var shape: String {
        switch kind {
        case .string, .strings: "--\(name)=TEXT"
        case .bool: "--[no-]\(name)"
        case .int: "--\(name)=N"
        case .duration: "--\(name)=TIME"
        case .choice: "--\(name)=WORD"
        case .optionalChoice(let choice, _): "--\(name)[=\(choice.words.joined(separator: "|"))]"
        case .action: "--\(name)"
        }
    }

    /// Words, default and variables, to follow the help.
    fileprivate var details: String {
        var notes: [String] = []
        switch kind {
        case .string(let value): if !value.isEmpty { notes.append("default \(value)") }
        case .strings(let values): if !values.isEmpty { notes.append("default \(values.joined(separator: ", "))") }
        case .bool(let value): notes.append("default \(value ? "on" : "off")")
        case .int(let value, _): notes.append("default \(value)")
        case .duration(let value, _): notes.append("default \(DurationText.format(value))")
        case .choice(let choice, let value): notes += [choice.words.joined(separator: ", "), "default \(value)"]
        case .optionalChoice(_, let bare): notes.append("default \(bare)")
        case .action: break
        }
        notes += environment.map { "$\($0)" }
        return notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))"
    }
}
