internal import ExporterCommand
internal import PostgresClient

/// How `/probe` logs in: what `auth_modules` of the configuration file says under one name.
struct AuthModule: Sendable {
    /// Where user and password come from.
    enum Login: Sendable {
        case user(String, Secret)
        /// From the target, a password file, a certificate or the environment, as libpq finds them.
        case libpq
        /// Of type `userpass`, with user or password missing: it cannot be used.
        case incomplete
    }

    let login: Login
    /// Keywords of the connection string that win over the target's own.
    let options: [(keyword: String, value: String)]
    /// Servers that may be given these credentials; empty is every one.
    let targets: AllowedTargets

    /// Without credentials of its own.
    static let none = AuthModule(login: .libpq, options: [], targets: AllowedTargets([]))
}

extension AuthModule {
    /// The target with the module's credentials and options, the password read now.
    ///
    /// - Throws: `.configuration`; never shows a password.
    func connection(to target: ConnectionString) throws(PostgresError) -> ConnectionString {
        var connection = target
        for option in options { connection[option.keyword] = option.value }
        guard case .user(let user, let password) = login else { return connection }
        connection["user"] = user
        do throws(ConfigurationError) { connection["password"] = try password.value } catch {
            throw PostgresError(.configuration, "password of the auth_module: \(error)")
        }
        return connection
    }
}
