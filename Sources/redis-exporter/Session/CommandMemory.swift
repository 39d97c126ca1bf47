internal import ExporterKit
internal import RedisClient

/// What a server does not know or does not allow. It is not asked again, so that scrapes leave no trail of errors on it.
///
/// A command that the server does not know stays refused until the server is started anew or changes its version; a new
/// connection changes nothing. A permission can be given and a setting changed at any time: what they stand in the way of
/// is tried again every ten minutes.
struct CommandMemory {
    /// Who refused.
    struct Identity: Equatable {
        /// `run_id`; where the server does not tell it, the number of the connection.
        let run: String
        /// All versions it tells.
        let version: String

        init(_ server: RedisServer, connection: Int) {
            run = server.runID.isEmpty ? "connection \(connection)" : server.runID
            version = "\(server.info.text("redis_version") ?? "") \(server.info.text("valkey_version") ?? "")"
        }
    }

    private struct Denial {
        let error: CollectorError
        let until: ContinuousClock.Instant
    }

    static let denialHolds = Duration.seconds(600)
    /// What is kept by command with its arguments: not more than this many.
    static let most = 1_000

    private var identity: Identity?
    /// By name and subcommand: what is unknown is unknown with any arguments.
    private var unknown: [String: CollectorError] = [:]
    /// By the whole command: a user may be allowed some keys and not others.
    private var denied: [RedisCommand: Denial] = [:]
    private var answered: Set<String> = []
    /// Commands that answered, arguments included, so that what is known costs no text.
    private var familiar: Set<RedisCommand> = []

    /// Forgets everything when this is another server, or another run or version of it.
    mutating func meet(_ identity: Identity) {
        guard self.identity != identity else { return }
        self = CommandMemory()
        self.identity = identity
    }

    /// Why there is no sense in asking; `nil` when there is.
    func refusal(of command: RedisCommand, at now: ContinuousClock.Instant = .now) -> CollectorError? {
        if !unknown.isEmpty, let error = unknown[command.description] { return error }
        guard !denied.isEmpty, let denial = denied[command], now < denial.until else { return nil }
        return denial.error
    }

    /// Learns from a reply.
    mutating func note(
        _ result: Result<RedisValue, CollectorError>, to command: RedisCommand, at now: ContinuousClock.Instant = .now
    ) {
        switch result {
        case .success:
            if !denied.isEmpty { denied[command] = nil }
            if familiar.count >= Self.most { familiar = [] }
            guard familiar.insert(command).inserted else { return }
            answered.insert(command.description)
        case .failure(let error) where error.reason == .unsupported && Self.isUnknown(error):
            unknown[command.description] = error
        case .failure(let error) where error.reason == .permission || error.reason == .unsupported:
            if denied.count >= Self.most { denied = [:] }
            denied[command] = Denial(error: error, until: now + Self.denialHolds)
        case .failure: break
        }
    }

    /// `ERR unknown command`, `ERR Unknown subcommand or wrong number of arguments`; not what a setting forbids.
    private static func isUnknown(_ error: CollectorError) -> Bool {
        error.message.lowercased().suffix(from: "unknown ") != nil
    }

    /// Every command that was asked of this server, by name and subcommand, and whether it answers.
    var support: [(command: String, isSupported: Bool)] {
        let refused = Set(unknown.keys).union(denied.keys.map(\.description))
        return refused.union(answered).sorted().map { ($0, !refused.contains($0)) }
    }
}
