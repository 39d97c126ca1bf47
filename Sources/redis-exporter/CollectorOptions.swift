/// What the collectors can be told.
struct CollectorOptions: Sendable {
    /// First word of every metric.
    var namespace = "redis"
    /// Collectors that run though they are off by default.
    var asked: Set<String> = []
    /// Name of the command CONFIG on the server; `nil` to never send it.
    var configCommand: String? = "CONFIG"
    /// Give every parameter of the configuration as a series.
    var includesConfig = false
    /// Leave out parameters that hold a password.
    var redactsConfig = true
    /// Give databases without keys a zero.
    var includesEmptyDatabases = true
    /// Ask for LATENCY HISTOGRAM and LATENCY LATEST.
    var includesLatency = true
    /// Commands that get histograms and percentiles.
    var commands = CommandFilter.all
    /// Tell the memory of the server's machine.
    var includesSystem = false
    /// Tell the port of each client.
    var includesClientPort = false
    /// Tell the other Sentinels with their addresses.
    var includesSentinelPeers = false
    /// Search indexes to tell.
    var searchIndexes = LinearPattern.all
    /// What the largest slots are chosen by.
    var slotOrder = "key-count"
    /// Most groups, commands, keys and slots that get series where their number has no bound of its own.
    var limit = 20
    /// Give every metric the kind it should have.
    var hasStrictTypes = false
    /// Keys, streams, groups of keys and scripts to look at.
    var keys = KeyOptions()
}
