/// The vector search part.
struct VectorConfiguration: Sendable {
    let source: String
    /// Whose operator classes make an index one of ours.
    var extensions = ["vector", "ruvector"]
    /// `schema.table` patterns with `*`; empty for all.
    var only: [String] = []
    var partitions = PartitionView.sum
    var catalog: Timing
    var probe: VectorProbeSettings?
    var recall: VectorRecallSettings?
    /// When to look into shared buffers; `nil` for never.
    var cachedBytes: Timing?
    /// Whether to read pg_stat_statements.
    var statements = false
    var ruvector = RuVectorSettings()
    var overrides: [VectorOverride] = []
    /// Also the names of the exporter that DPG had.
    var isDpgCompatible = false

    /// Connections that the vector part opens: one for catalogue and searches, one more while recall is measured.
    var connections: Int { recall == nil ? 1 : 2 }
}

struct VectorProbeSettings: Sendable {
    var timing: Timing
    /// Searches per index and run.
    var queries = 4
    /// Rows asked of each.
    var k = 10
    /// Of one search.
    var timeout = Duration.milliseconds(500)
    /// Share of wall clock that all that is asked for the searches may take, above 0, up to 1.
    var budget = 0.02
    /// Query vectors kept per index.
    var sample = 32
    var refresh = Duration.seconds(600)
    /// In seconds, ascending.
    var buckets = VectorMetrics.usualBuckets
    /// Runs only while this gives true.
    var guardSQL: String?
}

/// Comparison of an index with an exact search.
struct VectorRecallSettings: Sendable {
    var timing: Timing
    /// Searches per index and run.
    var queries = 5
    /// Rows compared.
    var k = 10
    /// Of one exact search.
    var timeout = Duration.seconds(30)
    /// Larger tables are left alone.
    var maximumRows = 200_000
}

struct RuVectorSettings: Sendable {
    /// Input types of operator classes that are RuVector's; forks have names of their own.
    var types = ["ruvector"]
    /// Searches are made only when somebody asked for them.
    var probe = false
    var minimum = RuVectorSettings.safe
    /// Searches whatever the version is.
    var force = false

    /// The first version that is not known to end the server.
    static let safe = RuVectorVersion([2, 0, 3])
}

/// What is otherwise for one index.
struct VectorOverride: Sendable {
    /// `schema.index`
    let index: String
    /// Added to the condition of a partial index.
    var condition: String?
    /// For operator classes with several distances.
    var distance: String?
    /// Settings of the server for searches.
    var settings: [String: String] = [:]
}
