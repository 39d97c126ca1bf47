/// Where the password of a connection comes from when it is in no connection string: a command, a vault.
public struct PasswordSource: Sendable {
    let current: @Sendable () throws(PostgresError) -> String
    let refused: @Sendable () -> Bool

    /// A source from its parts.
    ///
    /// - Parameters:
    ///   - current: the password for a connection that is about to be opened. Called on the connection's own thread, so it
    ///     may block; what it throws is told without being repeated, so it must not hold a secret.
    ///   - refused: the server did not let the last one in. `true` when `current` may give another one now: the login is
    ///     then tried once more at once.
    public init(
        current: @escaping @Sendable () throws(PostgresError) -> String,
        refused: @escaping @Sendable () -> Bool = { false }
    ) {
        self.current = current
        self.refused = refused
    }
}
