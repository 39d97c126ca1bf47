/// The vector search part.
struct VectorConfiguration: Sendable {
    let source: String
    let extensions: [String]
    /// `schema.table` patterns with `*`; empty for all.
    let only: [String]
    let catalog: Timing
    let probe: VectorProbeSettings?
}

struct VectorProbeSettings: Sendable {
    let timing: Timing
    /// Searches per index and run.
    let queries: Int
    /// Rows asked of each.
    let k: Int
    /// Of one search.
    let timeout: Duration
    /// Share of wall clock that all searches together may take, 0...1.
    let budget: Double
    /// Query vectors kept per index.
    let sample: Int
    let refresh: Duration
    /// In seconds, ascending.
    let buckets: [Double]
    /// Runs only while this gives true.
    let guardSQL: String?
}
