internal import ExporterCommand
internal import ExporterKit
internal import Logging
internal import PostgresClient
internal import Synchronization

/// `/probe?target=…&auth_module=…`: scrapes a server that the request names.
final class ProbeRoute: Sendable {
    private struct State {
        var configuration: ExporterConfiguration
        var generation = 0
    }

    /// One target of one module as of one configuration.
    private struct Key: Hashable {
        let target: String
        let module: String
        let generation: Int
    }

    private let book: TargetBook<Key>
    private let allowed: AllowedTargets
    private let makeTarget: @Sendable (_ conninfo: @escaping Conninfo, _ target: PostgresTarget) -> ScrapedTarget
    private let logger: Logger
    private let state: Mutex<State>

    /// Gives the connection string for each new connection.
    typealias Conninfo = @Sendable () throws(PostgresError) -> String

    /// - Parameters:
    ///   - allowed: servers that may be asked, whatever the file says.
    ///   - limit: most servers that connections are kept to.
    ///   - makeTarget: what scrapes a server; given its connection string and where that leads.
    init(
        _ configuration: ExporterConfiguration, allowed: AllowedTargets, limit: Int, logger: Logger,
        makeTarget: @escaping @Sendable (_ conninfo: @escaping Conninfo, _ target: PostgresTarget) -> ScrapedTarget
    ) {
        self.book = TargetBook(limit: limit)
        self.allowed = allowed
        self.logger = logger
        self.makeTarget = makeTarget
        self.state = Mutex(State(configuration: configuration))
    }

    /// Takes a new configuration. Targets of the old one are closed when nobody has asked for them in a while.
    func take(_ configuration: ExporterConfiguration) {
        state.withLock { state in
            state.configuration = configuration
            state.generation += 1
        }
    }

    /// Closes connections that are not used any more, until the task is cancelled.
    func sweep() async { await book.sweep() }

    /// Closes every connection.
    func close() async { await book.close() }

    /// Answers a request: 400 for one that cannot be understood, 403 for a server that may not be asked, 503 when too many
    /// are asked already, else 200, also for a server that is down.
    @Sendable func respond(to request: HTTPRequest) async -> HTTPResponse {
        guard let text = request.parameters("target").first, !text.isEmpty else {
            return .text(400, "target is required")
        }
        let (configuration, generation) = state.withLock { ($0.configuration, $0.generation) }
        let name = request.parameters("auth_module").first ?? ""
        guard let module = name.isEmpty ? AuthModule.none : configuration.modules[name] else {
            return .text(400, "auth_module \(Shown.clipped(name)) not found")
        }
        if case .incomplete = module.login {
            return .text(400, "auth_module \(Shown.clipped(name)) has no username or password")
        }
        let connection: ConnectionString
        let target: PostgresTarget
        do throws(PostgresError) {
            connection = try Self.connection(text, module)
            target = try PostgresTarget(conninfo: connection.text)
        } catch {
            return .text(400, "could not configure dsn for target: \(error.message)")
        }
        guard [allowed, configuration.probeTargets, module.targets].allSatisfy({ $0.allow(connection) }) else {
            logger.warning(
                "A target outside of the allowed ones was asked for",
                metadata: ["target": "\(target)", "auth_module": "\(name)"])
            return .text(403, "target \(target) is not among the allowed targets")
        }
        let key = Key(target: text, module: name, generation: generation)
        let answer = await book.use(
            key,
            make: {
                makeTarget({ () throws(PostgresError) in try module.connection(to: connection).text }, target)
            },
            { await $0.respond(to: request) })
        return answer ?? .text(503, "too many targets are being probed; allow more with --probe.max-targets")
    }

    /// A URI, `key=value` pairs, or `HOST[:PORT][/DATABASE][?OPTIONS]`, with the module's options in place of its own.
    private static func connection(_ text: String, _ module: AuthModule) throws(PostgresError) -> ConnectionString {
        let isURI = text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
        let isPairs = !isURI && isKeyValue(text)
        var connection = try ConnectionString(
            ConnectionURI.translated(isURI || isPairs ? text : "postgresql://\(text)"))
        for option in module.options { connection[option.keyword] = option.value }
        return connection
    }

    /// A word, `=`, and no `?` before it.
    private static func isKeyValue(_ text: String) -> Bool {
        guard let equals = text.firstIndex(of: "=") else { return false }
        let word = text[..<equals].drop { $0 == " " }
        return !word.isEmpty && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == " ") }
    }
}
