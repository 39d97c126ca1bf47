internal import ExporterKit
internal import RedisClient

/// One walk over the keyspace of one server, or of all shards of a cluster: every key is seen once for all patterns and
/// groups together. What is kept grows with the series it gives, not with the keys it sees.
///
/// SCAN may tell a key twice. A key with series is known by name and told once; one that is only counted may count twice while
/// the server resizes its table.
struct KeyWalk {
    private let options: KeyOptions
    private let metrics: KeyWalkMetrics
    private let singleKeys: Set<StoredKey>
    private let singleStreams: Set<StoredKey>
    private var knownKeys: Set<StoredKey> = []
    private var knownStreams: Set<StoredKey> = []
    private var counts: [KeyName: Int] = [:]
    private var tally: KeyGroupTally
    /// Databases that could not be walked to the end: their sums would be too small, so they have none.
    private var spoiled: Set<Int> = []
    /// The server knows MEMORY USAGE, as far as is known.
    private var knowsMemory = true
    /// Series so far.
    private(set) var results = KeyResults()

    /// Keys whose commands go into one write: large enough for few round trips, small enough to hold nobody up.
    private static let chunk = 256

    init(_ options: KeyOptions, _ metrics: KeyWalkMetrics) {
        self.options = options
        self.metrics = metrics
        singleKeys = Set(options.singleKeys)
        singleStreams = Set(options.singleStreams)
        tally = KeyGroupTally(options.groups)
    }

    // MARK: - One server

    /// Walks over all databases of a server.
    ///
    /// - Throws: why the server cannot be asked. What it refuses is noted in the results instead.
    mutating func walk(_ server: WalkedServer, through asker: inout some KeyAsking) async throws(CollectorError) {
        for plan in plans(for: server) {
            if let databases = server.databases, plan.database >= databases, !server.holds(plan.database) {
                results.note(CollectorError(.query, "database \(plan.database) does not exist on the server"))
                spoiled.insert(plan.database)
                continue
            }
            plan.counts.forEach { counts[$0.name, default: 0] += 0 }
            if plan.isGrouped { tally.open(plan.database) }
            if server.holds(plan.database) { try await scan(plan, server, through: &asker) }
        }
    }

    /// Reads keys by name. One that does not exist has no series.
    mutating func read(
        keys: [StoredKey], streams: [StoredKey], _ server: WalkedServer, through asker: inout some KeyAsking
    ) async throws(CollectorError) {
        try await read(keys[...], through: &asker)
        try await read(streams: streams[...], server, through: &asker)
    }

    /// Adds what was summed up over all servers.
    mutating func finish() {
        for (pattern, count) in counts.sorted(by: { $0.key.order < $1.key.order })
        where !spoiled.contains(pattern.database) {
            metrics.keys.add(count: count, of: pattern, into: &results.keys)
        }
        tally.write(metrics.groups, besides: spoiled, limit: options.maxGroups, into: &results.groups)
    }

    private func plans(for server: WalkedServer) -> [ScanPlan] {
        var numbers = Set(options.counts.map(\.database))
        numbers.formUnion((options.patterns + options.streamPatterns).filter(\.isPattern).map(\.database))
        if server.isSkipped { numbers = [] }
        if !options.groups.isEmpty { numbers.formUnion(0..<(server.databases ?? 16)) }
        return numbers.sorted().map { ScanPlan($0, options, isOnlyGrouped: server.isSkipped) }
    }

    // MARK: - One database

    private mutating func scan(
        _ plan: ScanPlan, _ server: WalkedServer, through asker: inout some KeyAsking
    ) async throws(CollectorError) {
        var cursor = Array("0".utf8)
        repeat {
            guard let reply = try await asker.ask([plan.command(cursor, batch: options.batch)]).first else { return }
            let names: [[UInt8]]
            do throws(CollectorError) { (cursor, names) = try Self.page(reply) } catch {
                guard !error.isPassing else { throw error }
                results.note(error)
                spoiled.insert(plan.database)
                return
            }
            results.seen += names.count
            try await take(names, plan, server, through: &asker)
        } while cursor != Array("0".utf8)
    }

    /// The next cursor, and the keys of one answer to SCAN.
    private static func page(_ reply: KeyReply) throws(CollectorError) -> ([UInt8], [[UInt8]]) {
        guard let parts = try reply.get().array, parts.count == 2, case .bulk(let cursor) = parts[0],
            let elements = parts[1].array
        else { throw CollectorError(.decode, "SCAN: the answer is no cursor and keys") }
        return (cursor, elements.compactMap { if case .bulk(let name) = $0 { name } else { nil } })
    }

    private mutating func take(
        _ names: [[UInt8]], _ plan: ScanPlan, _ server: WalkedServer, through asker: inout some KeyAsking
    ) async throws(CollectorError) {
        var keys: [StoredKey] = []
        var streams: [StoredKey] = []
        var others: [StoredKey] = []
        for name in names {
            for count in plan.counts where count.pattern.matches(name) { counts[count.name, default: 0] += 1 }
            let key = StoredKey(database: plan.database, name: name)
            if plan.streams.contains(where: { $0.matches(name) }), !singleStreams.contains(key) {
                if Self.admit(key, to: &knownStreams, options.maxKeys, &results.omitted) { streams.append(key) }
            }
            let isKnown = knownKeys.contains(key)
            if plan.keys.contains(where: { $0.matches(name) }), !singleKeys.contains(key),
                Self.admit(key, to: &knownKeys, options.maxKeys, &results.omitted)
            {
                keys.append(key)
            } else if plan.isGrouped, !isKnown {
                others.append(key)
            }
        }
        try await read(keys[...], isGrouped: plan.isGrouped, through: &asker)
        try await read(streams: streams[...], server, through: &asker)
        try await group(others[...], through: &asker)
    }

    /// True for a key that gets series now: not seen before, and within the limit.
    private static func admit(
        _ key: StoredKey, to known: inout Set<StoredKey>, _ limit: Int, _ omitted: inout Int
    ) -> Bool {
        guard !known.contains(key) else { return false }
        guard known.count < limit else {
            omitted += 1
            return false
        }
        known.insert(key)
        return true
    }

    // MARK: - Reading

    private mutating func read(
        _ keys: ArraySlice<StoredKey>, isGrouped: Bool = false, through asker: inout some KeyAsking
    ) async throws(CollectorError) {
        for chunk in keys.chunks(of: Self.chunk) {
            let wish = KeyProbe.Wish(
                hidesValues: options.hidesValues, longest: options.maxValue, asksMemory: knowsMemory)
            var probes = chunk.map { KeyProbe($0, wish) }
            try await asker.settle(&probes)
            for probe in probes {
                metrics.keys.add(probe, zeroForMissing: false, into: &results.keys)
                if isGrouped, !probe.isMissing { tally.add(probe.key, bytes: probe.memory) }
                if let trouble = probe.trouble { note(trouble) }
            }
        }
    }

    /// A command that the server does not know is not sent for every key.
    private mutating func note(_ trouble: CollectorError) {
        results.note(trouble)
        if trouble.reason == .unsupported, trouble.message.hasPrefix("MEMORY USAGE") { knowsMemory = false }
    }

    private mutating func read(
        streams: ArraySlice<StoredKey>, _ server: WalkedServer, through asker: inout some KeyAsking
    ) async throws(CollectorError) {
        let wish = StreamProbe.Wish(includesConsumers: !options.excludesConsumers, includesNacks: server.tellsNacks)
        for chunk in streams.chunks(of: Self.chunk) {
            var probes = chunk.map { StreamProbe($0, wish) }
            try await asker.settle(&probes)
            for probe in probes {
                metrics.streams.add(probe, into: &results.streams)
                if let trouble = probe.trouble { results.note(trouble) }
            }
        }
    }

    /// Sums up what has no series of its own. A key that is gone by now is in no group.
    private mutating func group(
        _ keys: ArraySlice<StoredKey>, through asker: inout some KeyAsking
    ) async throws(CollectorError) {
        for chunk in keys.chunks(of: Self.chunk * 2) {
            guard knowsMemory else {
                chunk.forEach { tally.add($0, bytes: nil) }
                continue
            }
            let replies = try await asker.ask(chunk.map { $0.command("MEMORY", "USAGE") })
            for (key, reply) in zip(chunk, replies) {
                switch reply {
                case .success(.null): continue
                case .success(let value): tally.add(key, bytes: value.number)
                case .failure(let error):
                    note(error)
                    tally.add(key, bytes: nil)
                }
            }
        }
    }
}

extension ArraySlice {
    /// Parts of at most this many elements.
    func chunks(of size: Int) -> [ArraySlice] {
        stride(from: startIndex, to: endIndex, by: size).map { self[$0..<Swift.min($0 + size, endIndex)] }
    }
}

extension KeyName {
    /// By database, then by name.
    fileprivate var order: (Int, String) { (database, name) }
}
