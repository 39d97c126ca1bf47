internal import ExporterCommand

/// Which keys are looked at, and how.
struct KeyOptions: Sendable {
    /// Patterns whose keys get series.
    var patterns: [KeyName] = []
    /// Keys that get series.
    var keys: [KeyName] = []
    /// Patterns whose streams get series.
    var streamPatterns: [KeyName] = []
    /// Streams that get series.
    var streams: [KeyName] = []
    /// Patterns whose keys are counted.
    var counts: [KeyName] = []
    /// What keys are grouped by, the first that matches; with captures, one group for each of their texts.
    var groups: [LuaPattern] = []
    /// Groups of a database that get series of their own; the others are added up.
    var maxGroups = 100
    /// COUNT of SCAN.
    var batch = 1_000
    /// Leave consumers of streams out.
    var excludesConsumers = false
    /// Leave values out.
    var hidesValues = false
    /// Give keys that do not exist no series instead of a size of 0.
    var skipsMissing = false
    /// Do not look for keys on a primary.
    var skipsPrimaries = false
    /// The server is a node of a cluster; look at all shards.
    var isCluster = false
    /// Keys or streams that patterns may give series to; further ones are left out and counted.
    var maxKeys = 100_000
    /// Bytes of the longest value that becomes a label or a number.
    var maxValue = 4_096
    /// When and how keys are looked for.
    var scan = ScanOptions()
    /// Files of Lua scripts, in order.
    var scripts: [KeyScript] = []
    /// Run scripts with EVAL_RO.
    var runsScriptsReadOnly = false
}

/// When and how the keyspace is walked.
struct ScanOptions: Sendable {
    /// Walk inside of each scrape, as redis_exporter does, instead of beside them.
    var isInline = false
    /// From the beginning of a walk to that of the next.
    var interval = Duration.seconds(60)
    /// Longest time of a walk; zero for no limit.
    var limit = Duration.zero
    /// How much of the server a walk may take.
    var budget = ScanBudget.share(0.25)
    /// Walk a replica where one is known.
    var prefersReplica = false
}

/// A Lua script of the user.
struct KeyScript: Sendable, Hashable {
    /// As given; the value of the label `filename`.
    let file: String
    let source: String
}

extension KeyOptions {
    /// What one request asks for counts in place of what the flags say.
    func asked(by request: KeyRequest) -> KeyOptions {
        var options = self
        if !request.patterns.isEmpty { options.patterns = request.patterns }
        if !request.keys.isEmpty { options.keys = request.keys }
        if !request.streamPatterns.isEmpty { options.streamPatterns = request.streamPatterns }
        if !request.streams.isEmpty { options.streams = request.streams }
        if !request.counts.isEmpty { options.counts = request.counts }
        return options
    }

    /// Keys to read by name, each once: a pattern without wildcards is a name.
    var singleKeys: [StoredKey] { Self.unique(keys + patterns.filter { !$0.isPattern }) }
    /// Streams to read by name, each once.
    var singleStreams: [StoredKey] { Self.unique(streams + streamPatterns.filter { !$0.isPattern }) }

    /// True when there is any key, pattern or group to look at.
    var asksForKeys: Bool {
        !groups.isEmpty || [patterns, keys, streamPatterns, streams, counts].contains { !$0.isEmpty }
    }

    /// True when there is anything that needs a walk.
    var needsWalk: Bool {
        !counts.isEmpty || !groups.isEmpty || (patterns + streamPatterns).contains(where: \.isPattern)
            || (isCluster && !(singleKeys.isEmpty && singleStreams.isEmpty))
    }

    private static func unique(_ names: [KeyName]) -> [StoredKey] {
        var known: Set<StoredKey> = []
        return names.map { StoredKey($0) }.filter { known.insert($0).inserted }
    }
}
