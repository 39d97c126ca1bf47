internal import ExporterCommand
internal import ExporterKit
internal import Logging
internal import RedisClient
internal import Synchronization

/// Finds out which server a request means, and whether and how it may be asked: the same for scrapes and for discovery.
final class TargetGate: Sendable {
    /// A server that may be asked.
    struct Target: Sendable {
        let address: ServerAddress
        let module: AccessModule?
        let options: RedisOptions
        let generation: Int
    }

    /// The answer to a request that is not served.
    struct Refusal: Error {
        let response: HTTPResponse
    }

    let access: AccessBook
    private let allowed: AllowedTargets
    private let own: ServerAddress?
    private let errors: RequestErrors
    private let logger: Logger
    private let isTold = Atomic(false)

    /// - Parameters:
    ///   - allowed: servers that a request may name; without a list all but sockets.
    ///   - own: the server of `--redis.addr`.
    init(
        _ access: AccessBook, allowed: AllowedTargets, own: ServerAddress?, errors: RequestErrors, logger: Logger
    ) {
        self.access = access
        self.allowed = allowed
        self.own = own
        self.errors = errors
        self.logger = logger
    }

    /// The target of a request.
    ///
    /// - Throws: 400 for what cannot be understood, 403 for a server that is not allowed; both are counted.
    func target(of request: HTTPRequest) throws(Refusal) -> Target {
        guard let text = request.parameters("target").first, !text.isEmpty else {
            throw refusal(400, "'target' parameter must be specified")
        }
        let address: ServerAddress
        do throws(RedisAddressError) { address = try ServerAddress(target: text) } catch {
            throw refusal(400, "Invalid 'target' parameter, parse err: \(error.message)")
        }
        let generation = access.generation
        let module = try module(for: address, request.parameters("module").first ?? "")
        guard allows(address), module?.targets.allows(address) ?? true else {
            logger.warning(
                "A target that is not allowed was asked for", metadata: ["target": "\(address.options)"])
            throw refusal(403, "target \(Shown.clipped("\(address.options)")) is not among the allowed targets")
        }
        if allowed.isEmpty, access.sendsFlagPassword(with: module), address.host != own?.host { tellOnce() }
        let name = ["tls_server_name", "tls-server-name"].lazy.compactMap { request.parameters($0).first }
            .first { !$0.isEmpty }
        return Target(
            address: address, module: module, options: access.options(for: address, module, serverName: name),
            generation: generation)
    }

    /// Whether the exporter may connect there. A list also holds for servers that other servers name.
    func allows(_ address: ServerAddress) -> Bool { allowed.allows(address) }

    /// Counts a request as failed.
    func refusal(_ status: Int, _ line: String) -> Refusal {
        errors.note()
        return Refusal(response: .text(status, line))
    }

    private func module(for address: ServerAddress, _ name: String) throws(Refusal) -> AccessModule? {
        guard !name.isEmpty else { return access.module(for: address) }
        guard let module = access.module(named: name) else {
            throw refusal(400, "module \(Shown.clipped(name)) is not in the configuration file")
        }
        return module
    }

    private func tellOnce() {
        guard !isTold.exchange(true, ordering: .relaxed) else { return }
        logger.warning(
            """
            Requests may send the password of --redis.password to any host they name; list the servers in \
            --scrape.allowed-targets, or give them modules in --config.file
            """)
    }
}
