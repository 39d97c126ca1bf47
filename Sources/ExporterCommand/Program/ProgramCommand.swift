public import Logging

/// Something that a program does instead of serving when its first argument is this word: `app-exporter check`.
public struct ProgramCommand: Sendable {
    /// The word.
    public let name: String
    /// What it does, one sentence that ends with a period.
    public let summary: String
    /// What may stand behind it, for `--help`: `[FILE]`.
    public let words: String
    /// Flags of its own, besides those of the program.
    public let flags: [Flag]
    /// Exit status for a command line or a configuration that does not make sense.
    public let misuseStatus: Int32
    let run: @Sendable (CommandCall) async throws -> Int32

    /// A command from its parts.
    ///
    /// - Parameter run: does it; returns the exit status. Thrown errors are printed in one line.
    public init(
        _ name: String, _ summary: String, words: String = "", flags: [Flag] = [], misuseStatus: Int32 = 2,
        run: @escaping @Sendable (CommandCall) async throws -> Int32
    ) {
        self.name = name
        self.summary = summary
        self.words = words
        self.flags = flags
        self.misuseStatus = misuseStatus
        self.run = run
    }
}

/// What a command is given.
public struct CommandCall: Sendable {
    /// The program's own flags, the command's, and those of the log.
    public let flags: FlagValues
    /// Arguments that are no flags, in their order.
    public let words: [String]
    /// The environment at start.
    public let environment: [String: String]
    /// Writes to standard error.
    public let logger: Logger
    /// True when colours make sense: standard output is a terminal and nobody asks for none.
    public let isColoured: Bool
    /// Writes to standard output.
    public let output: @Sendable (String) -> Void
    /// Writes to standard error.
    public let errors: @Sendable (String) -> Void
}

extension ProgramRun {
    /// Does what the first argument names.
    func command(_ word: String) async -> Int32 {
        guard let command = Program.commands.first(where: { $0.name == word }) else {
            let names = Program.commands.map(\.name)
            let hint = Nearest.hint(word, among: names)
            complain("unknown command \(Shown.clipped(word))\(hint); there are \(names.joined(separator: ", "))")
            return 2
        }
        let rest = Array(arguments.dropFirst())
        let set = CommonFlags.all(of: Program.self, command: command)
        do {
            if rest.contains(where: { ["--help", "-h"].contains($0) }) {
                output(HelpText.render(name: Program.name, command: command, set))
                return 0
            }
            let (flags, words) = try set.parseWords(rest, environment: environment)
            return try await command.run(
                CommandCall(
                    flags: flags, words: words, environment: environment, logger: logger(flags),
                    isColoured: isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb",
                    output: output, errors: errors))
        } catch {
            complain("\(error)")
            return command.misuseStatus
        }
    }
}
