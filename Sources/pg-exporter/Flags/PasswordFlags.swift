internal import ExporterCommand
internal import PostgresClient

extension PasswordSource {
    /// The flags of the password command.
    static let flags: [Flag] = [
        .string(
            "password-command", environment: "PG_EXPORTER_PASSWORD_COMMAND",
            help:
                "Program that prints the password, with its arguments; run without a shell when a connection is opened."
        ),
        .duration(
            "password-command-ttl", default: .seconds(600), minimum: .zero,
            environment: "PG_EXPORTER_PASSWORD_COMMAND_TTL",
            help: "How long what it printed is used again, unless a server refuses it; 0s asks for each connection."),
        .duration(
            "password-command-timeout", default: .seconds(5), minimum: .milliseconds(100),
            environment: "PG_EXPORTER_PASSWORD_COMMAND_TIMEOUT", help: "How long it may run."),
    ]

    /// What the flags say.
    ///
    /// - Returns: `nil` when there is no command.
    static func command(
        _ flags: FlagValues, environment: [String: String]
    ) throws(ConfigurationError) -> PasswordSource? {
        let text = flags.string("password-command")
        guard !text.isEmpty else { return nil }
        let command: PasswordCommand
        do throws(ConfigurationError) {
            command = try PasswordCommand(
                text, timeToLive: flags.duration("password-command-ttl"),
                timeout: flags.duration("password-command-timeout"), environment: environment)
        } catch {
            throw ConfigurationError(error.text, at: "--password-command")
        }
        return PasswordSource(
            current: { () throws(PostgresError) in
                do throws(ConfigurationError) { return try command.password() } catch {
                    throw PostgresError(.authentication, "password command \(error.text)")
                }
            }, refused: { command.refused() })
    }
}
