internal import ExporterCommand
internal import Logging
internal import RedisClient
internal import Synchronization

/// Who the exporter is towards which server: the address itself counts first, then the first module that fits, then
/// `--redis.user` and `--redis.password`, then the password file. Files are looked at for each new connection.
final class AccessBook: Sendable {
    private struct State {
        var file: AccessFile
        var generation = 0
        var passwords: PasswordFile?
        var passwordStates: FileStates
        var problem: ConfigurationError?
    }

    private let user: String?
    private let password: String?
    private let flagTLS: RedisTLS
    private let clientName: String?
    private let configurationPath: String?
    private let passwordPath: String?
    private let logger: Logger
    private let tls: TLSBook
    private let state: Mutex<State>

    /// Reads the flags and the files that they name.
    ///
    /// - Throws: `ConfigurationError` for a file.
    init(_ flags: FlagValues, _ logger: Logger) throws(ConfigurationError) {
        user = flags.nonEmpty("redis.user")
        password = flags.nonEmpty("redis.password")
        flagTLS = RedisTLS(
            caFile: flags.nonEmpty("tls-ca-cert-file"), certificateFile: flags.nonEmpty("tls-client-cert-file"),
            keyFile: flags.nonEmpty("tls-client-key-file"), serverName: flags.nonEmpty("tls-server-name"),
            skipVerification: flags.bool("skip-tls-verification"))
        clientName = flags.bool("set-client-name") ? "redis_exporter" : nil
        configurationPath = flags.nonEmpty("config.file")
        passwordPath = password == nil ? flags.nonEmpty("redis.password-file") : nil
        self.logger = logger
        tls = TLSBook(logger)
        let states = FileStates(of: passwordPath.map { [$0] } ?? [])
        state = Mutex(
            State(
                file: try Self.read(configurationPath),
                passwords: try passwordPath.map { path throws(ConfigurationError) in try PasswordFile(path) },
                passwordStates: states))
        if !flagTLS.paths.isEmpty {
            do throws(RedisError) { try flagTLS.check() } catch { throw ConfigurationError(error.message) }
        }
    }

    /// Whether there is anything to read again.
    var hasFiles: Bool { configurationPath != nil || passwordPath != nil }

    /// Reads all files again, or none.
    func reload() throws(ConfigurationError) {
        let file = try Self.read(configurationPath)
        let states = FileStates(of: passwordPath.map { [$0] } ?? [])
        let passwords = try passwordPath.map { path throws(ConfigurationError) in try PasswordFile(path) }
        state.withLock { state in
            state = State(
                file: file, generation: state.generation + 1, passwords: passwords, passwordStates: states)
        }
    }

    /// Changes with each reload: what was made before may have other credentials.
    var generation: Int { state.withLock { $0.generation } }

    /// The module of this name.
    func module(named name: String) -> AccessModule? { state.withLock { $0.file.modules.first { $0.name == name } } }

    /// The first module for the server; `nil` leaves it to the flags.
    func module(for address: ServerAddress) -> AccessModule? {
        state.withLock { $0.file.modules.first { $0.targets.allows(address) } }
    }

    /// Whether the password of the flags would be sent there.
    func sendsFlagPassword(with module: AccessModule?) -> Bool { module == nil && password != nil }

    /// How to connect to a server.
    ///
    /// - Parameters:
    ///   - module: chosen for it; `nil` for the flags.
    ///   - serverName: to verify instead of the one of module or flags.
    func options(for address: ServerAddress, _ module: AccessModule?, serverName: String? = nil) -> RedisOptions {
        var options = address.options
        options.clientName = clientName
        options.tls = module?.tls ?? (address.usesTLS ? flagTLS : nil)
        if let serverName { options.tls?.serverName = serverName }
        options.renew = { [self] options throws(RedisError) in
            if let tls = options.tls { options.tlsContext = try self.tls.context(for: tls) }
            guard address.password == nil else { return }
            do throws(ConfigurationError) { try login(&options, address, module) } catch {
                throw RedisError(.authentication, "\(address.options): the password cannot be read: \(error)")
            }
        }
        return options
    }

    /// How to connect to a server that is asked for as long as the program runs: modules count as they are at each connection.
    func options(following address: ServerAddress) -> RedisOptions {
        var options = options(for: address, module(for: address))
        options.renew = { [self] options throws(RedisError) in
            let now = self.options(for: address, module(for: address))
            options.tls = now.tls
            try now.renew?(&options)
        }
        return options
    }

    private func login(
        _ options: inout RedisOptions, _ address: ServerAddress, _ module: AccessModule?
    ) throws(ConfigurationError) {
        if let module {
            options.username = module.user ?? address.user
            options.password = try module.password?.value
        } else {
            options.username = address.user ?? user
            options.password = password ?? currentPasswords()?.password(for: address, user: options.username)
        }
    }

    /// The password file as it is now; one that has become bad is told once, and the old one goes on.
    private func currentPasswords() -> PasswordFile? {
        guard let passwordPath else { return nil }
        let (passwords, problem) = state.withLock { state -> (PasswordFile?, ConfigurationError?) in
            let now = FileStates(of: [passwordPath])
            guard !state.passwordStates.isStill(now) else { return (state.passwords, nil) }
            state.passwordStates = now
            do throws(ConfigurationError) {
                state.passwords = try PasswordFile(passwordPath)
                state.problem = nil
            } catch {
                defer { state.problem = error }
                return (state.passwords, state.problem == error ? nil : error)
            }
            return (state.passwords, nil)
        }
        if let problem {
            logger.error("Passwords cannot be read again; the old ones go on", metadata: ["err": "\(problem)"])
        }
        return passwords
    }

    private static func read(_ path: String?) throws(ConfigurationError) -> AccessFile {
        guard let path else { return AccessFile() }
        return try AccessFile(YAMLDocument(file: path))
    }
}

extension AllowedTargets {
    /// True when the server may be connected to.
    func allows(_ address: ServerAddress) -> Bool {
        switch address.options.endpoint {
        case .tcp(let host, let port): allows(host: host, port: port)
        case .unix(let path): allows(socket: path)
        }
    }
}
