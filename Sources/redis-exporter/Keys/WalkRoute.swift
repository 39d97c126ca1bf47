internal import ExporterKit
internal import RedisClient

/// Which servers a walk goes to: the one of the address or a replica of it, or every shard of its cluster.
struct WalkRoute: Sendable {
    private let redis: RedisOptions
    private let options: KeyOptions
    private let metrics: KeyWalkMetrics
    private let timeout: Duration
    private let configCommand: String?

    init(
        _ redis: RedisOptions, _ options: KeyOptions, _ metrics: KeyWalkMetrics, timeout: Duration,
        configCommand: String?
    ) {
        self.redis = redis
        self.options = options
        self.metrics = metrics
        self.timeout = timeout
        self.configCommand = configCommand
    }

    /// One server on the way.
    private struct Stop {
        let endpoint: RedisOptions.Endpoint
        /// A replica of a cluster sends askers away unless told not to.
        var readsReplica = false
    }

    /// The walk so far.
    private struct Progress {
        var walk: KeyWalk
        let end: ContinuousClock.Instant?
        let budget: ScanBudget?
        var commands = 0
    }

    /// Goes all the way.
    ///
    /// - Parameters:
    ///   - end: by then the walk has ended or thrown `.timeout`.
    ///   - budget: `nil` for as fast as the servers answer.
    ///   - connection: of the walk before, used again where it leads to the same server.
    func walk(
        until end: ContinuousClock.Instant?, budget: ScanBudget?, on connection: inout RedisConnection?
    ) async throws(CollectorError) -> FinishedWalk {
        let began = ContinuousClock.now
        var progress = Progress(walk: KeyWalk(options, metrics), end: end, budget: budget)
        let shards = options.isCluster ? try await shards(&progress, &connection) : []
        if shards.isEmpty {
            try await walkServer(&progress, &connection)
        } else {
            for shard in shards { try await walk(shard, &progress, &connection) }
        }
        progress.walk.finish()
        return FinishedWalk(
            results: progress.walk.results, ended: .now, duration: began.duration(to: .now),
            commands: progress.commands)
    }

    // MARK: - Which servers

    /// The shards of the cluster; none when the server is in no cluster.
    private func shards(
        _ progress: inout Progress, _ connection: inout RedisConnection?
    ) async throws(CollectorError) -> [ClusterShard] {
        var asker = await asker(for: Stop(endpoint: redis.endpoint), progress, &connection)
        defer { progress.commands = asker.commands }
        switch try await asker.ask([["CLUSTER", "SLOTS"]]).first {
        case .success(let reply)?: return ClusterShard.all(in: reply, seed: redis.endpoint)
        case .failure(let error)?:
            if error.reason == .permission { throw error }
            return []
        case nil: return []
        }
    }

    private func walkServer(
        _ progress: inout Progress, _ connection: inout RedisConnection?
    ) async throws(CollectorError) {
        var (server, asker) = try await meet([Stop(endpoint: redis.endpoint)], progress, &connection)
        progress.commands = asker.commands
        if options.scan.prefersReplica, !server.replicas.isEmpty {
            let stops = server.replicas.map { Stop(endpoint: $0) } + [Stop(endpoint: redis.endpoint)]
            (server, asker) = try await meet(stops, progress, &connection)
        }
        defer { progress.commands = asker.commands }
        try await progress.walk.walk(server, through: &asker)
        guard options.isCluster, !server.isSkipped else { return }
        try await progress.walk.read(
            keys: options.singleKeys, streams: options.singleStreams, server, through: &asker)
    }

    private func walk(
        _ shard: ClusterShard, _ progress: inout Progress, _ connection: inout RedisConnection?
    ) async throws(CollectorError) {
        let replicas = options.scan.prefersReplica ? shard.replicas : []
        let stops = replicas.map { Stop(endpoint: $0, readsReplica: true) } + [Stop(endpoint: shard.primary)]
        let met = try await meet(stops, progress, &connection)
        let server = met.0
        var asker = met.1
        defer { progress.commands = asker.commands }
        try await progress.walk.walk(server, through: &asker)
        guard !server.isSkipped else { return }
        func isOwned(_ key: StoredKey) -> Bool { shard.owns(ClusterShard.slot(of: key.name)) }
        try await progress.walk.read(
            keys: options.singleKeys.filter(isOwned), streams: options.singleStreams.filter(isOwned), server,
            through: &asker)
    }

    // MARK: - Meeting a server

    /// Asks a server what it is; the next one of the list where one cannot be reached.
    ///
    /// - Throws: why the last one cannot be asked.
    private func meet(
        _ stops: [Stop], _ progress: Progress, _ connection: inout RedisConnection?
    ) async throws(CollectorError) -> (WalkedServer, WalkAsker) {
        var failure = CollectorError(.connection, "no server to walk over")
        for stop in stops {
            var asker = await asker(for: stop, progress, &connection)
            do throws(CollectorError) { return (try await server(&asker), asker) } catch {
                guard error.reason != .cancelled, progress.end.map({ ContinuousClock.now < $0 }) ?? true else {
                    throw error
                }
                failure = error
            }
        }
        throw failure
    }

    private func server(_ asker: inout WalkAsker) async throws(CollectorError) -> WalkedServer {
        let config = options.groups.isEmpty ? nil : configCommand
        let questions: [RedisCommand] = [["INFO"]] + (config.map { [RedisCommand([$0, "GET", "databases"])] } ?? [])
        let replies = try await asker.ask(questions)
        let info = try? replies.first?.get().text
        let pairs = replies.count > 1 ? (try? replies[1].get())?.pairs : nil
        let databases = pairs?.first { $0.name == "databases" }?.value.integer
        return WalkedServer(InfoDocument(info ?? ""), databases: databases.map { Int(clamping: $0) }, options)
    }

    /// One connection at a time: a new one takes the place of one that leads elsewhere.
    private func asker(
        for stop: Stop, _ progress: Progress, _ connection: inout RedisConnection?
    ) async -> WalkAsker {
        var target = redis
        target.endpoint = stop.endpoint
        target.readsReplica = stop.readsReplica
        if let open = connection,
            open.options.endpoint != target.endpoint || open.options.readsReplica != target.readsReplica
        {
            await open.close()
            connection = nil
        }
        let used = connection ?? RedisConnection(target)
        connection = used
        return WalkAsker(
            used, timeout: timeout, end: progress.end, budget: progress.budget, commands: progress.commands)
    }
}
