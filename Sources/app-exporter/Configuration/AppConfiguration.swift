internal import CurlClient
internal import ExporterCommand
internal import ExporterKit

/// The configuration file, checked: what to ask, how often, and what to call it.
struct AppConfiguration: Sendable {
    var sources: [String: SourceConfiguration] = [:]
    /// In file order, as everything below.
    var groups: [GroupConfiguration] = []
    var vector: VectorConfiguration?
    var checks: [CheckConfiguration] = []
    /// Every metric that the file names, once.
    var declared: [MetricDescriptor] = []
}

/// Something to ask.
struct SourceConfiguration: Sendable {
    enum Kind: Sendable {
        case postgres(PostgresSettings)
        case redis(RedisSettings)
        case http(HTTPSettings)

        /// Value of the label `kind`.
        var name: String {
            switch self {
            case .postgres: "postgres"
            case .redis: "redis"
            case .http: "http"
            }
        }
    }

    let name: String
    let kind: Kind
}

struct PostgresSettings: Sendable {
    let dsn: Secret
    let password: Secret?
    let statementTimeout: Duration
    let maximumConnections: Int
}

struct RedisSettings: Sendable {
    let url: Secret
    let password: Secret?
    let timeout: Duration?
}

struct HTTPSettings: Sendable {
    /// Checked to be a URL; without a trailing slash.
    let base: Secret
    let access: HTTPAccess
    let maximumBodyBytes: Int
}

/// Headers, credentials and trust of HTTP requests.
struct HTTPAccess: Sendable {
    enum Credentials: Sendable {
        case basic(user: String, password: Secret)
        case bearer(Secret)
    }
    var credentials: Credentials?
    var headers: [(name: String, value: Secret)] = []
    var tls = HTTPTrust()
}

/// When something runs, and how long its values count.
struct Timing: Sendable, Equatable {
    var interval: Duration
    /// Of one run.
    var timeout: Duration
    /// Values older than this disappear.
    var staleAfter: Duration
    /// Share of the interval, 0...1, over which first runs are spread.
    var jitter: Double
}

/// One question asked on its own schedule.
struct GroupConfiguration: Sendable {
    enum Question: Sendable {
        case sql(String, [SQLMetric])
        case redis([RedisQuestion])
        case json(JSONQuestion)
    }

    let name: String
    let source: String
    let timing: Timing
    let maximumSeries: Int
    /// On every series of the group.
    let labels: [(name: String, value: String)]
    let question: Question
}

/// What to do with several values for one label set.
enum DuplicateRule: String, Sendable, CaseIterable {
    /// None of the metric's values is shown, and the run counts as failed in part.
    case error
    case sum
    case first
    case last
    case max
}

/// What to make of the values of one label set in a list.
enum Reduction: String, Sendable, CaseIterable {
    case count
    case sum
    case min
    case max
    case avg
    case first
    case last
}

/// How a group's metric is called and which values it takes.
struct MetricRule: Sendable {
    let descriptor: MetricDescriptor
    /// NULL counts as 0 instead of as no sample.
    let nullIsZero: Bool
    let onDuplicate: DuplicateRule
}

/// A metric out of the columns of a result.
struct SQLMetric: Sendable {
    let rule: MetricRule
    /// Column of the value.
    let value: String
    let labels: [(name: String, column: String)]
}

/// A command, once per combination of its variables, and the metric of its answers.
struct RedisQuestion: Sendable {
    let rule: MetricRule
    let commands: [RedisCall]
}

/// One command as it is sent, but for the time.
struct RedisCall: Sendable, Equatable {
    let words: [RedisWord]
    /// Variables of `for`, and their values here.
    let labels: [LabelPair]
}

struct LabelPair: Sendable, Equatable {
    let name: String
    let value: String
}

/// A word of a command.
enum RedisWord: Sendable, Equatable {
    case text(String)
    /// `now+60`, `now-300`: unix seconds when the command is sent.
    case now(offset: Int64)
}

/// An HTTP request and the metrics out of its JSON.
struct JSONQuestion: Sendable {
    /// Path and query, appended to the source's base.
    let path: String
    let items: JqProgram
    let metrics: [JSONMetric]
}

/// A metric out of the items of an answer.
struct JSONMetric: Sendable {
    let rule: MetricRule
    /// Of an item; `nil` for `reduce: count`.
    let value: JqProgram?
    let labels: [(name: String, value: JqProgram)]
    let reduction: Reduction?
}

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

/// One synthetic HTTP check.
struct CheckConfiguration: Sendable {
    let name: String
    let url: Secret
    /// The URL without query and credentials: value of the label `target`.
    let target: String
    let timing: Timing
    let access: HTTPAccess
    let maximumRedirects: Int
    let maximumBodyBytes: Int
    let expectation: Expectation

    struct Expectation: Sendable {
        /// Empty for any 2xx.
        var statuses: [Int] = []
        /// The body must contain it.
        var body: String?
        /// Every output must be true, and there must be one.
        var json: JqProgram?
        var within: Duration?
    }
}
