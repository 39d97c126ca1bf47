/// Anything that has families to expose: the scrape of a server, a registry of instruments, results kept in memory.
public protocol MetricSource: Sendable {
    /// The collectors a request may select, and how they fared last; empty when there is nothing to select.
    var collectors: [CollectorStatus] { get }

    /// True when `families` only reads memory or a small file: it is then called without a task and a timer of its own, which
    /// would cost more than the call.
    var answersAtOnce: Bool { get }

    /// True when `families` never blocks its thread and takes about a millisecond at most between two points where it waits:
    /// it then runs on the event loop of the connection, which saves waking a thread for each thing it waited for. While it
    /// does not wait, no other connection is served.
    var runsOnEventLoop: Bool { get }

    /// The families as of now, or what could be had of them by the deadline. Never throws: trouble is a metric.
    func families(for request: ScrapeRequest) async -> [MetricFamily]
}

extension MetricSource {
    /// Nothing to select.
    public var collectors: [CollectorStatus] { [] }

    /// No: it may take its time.
    public var answersAtOnce: Bool { false }

    /// No: it may block.
    public var runsOnEventLoop: Bool { false }
}

/// What one scrape asks for.
public struct ScrapeRequest: Sendable {
    /// Which collectors.
    public let filter: CollectorFilter
    /// By when.
    public let deadline: Deadline

    /// A request from its parts.
    public init(filter: CollectorFilter = .all, deadline: Deadline) {
        self.filter = filter
        self.deadline = deadline
    }
}

/// Choice of collectors by `collect[]` or `exclude[]`.
public enum CollectorFilter: Sendable, Hashable {
    /// Every enabled collector.
    case all
    /// Only these.
    case only(Set<String>)
    /// All but these.
    case except(Set<String>)

    /// True when the collector of this name is chosen.
    public func includes(_ name: String) -> Bool {
        switch self {
        case .all: true
        case .only(let names): names.contains(name)
        case .except(let names): !names.contains(name)
        }
    }
}

/// A collector and its last outcome, for the landing page.
public struct CollectorStatus: Sendable {
    /// Who.
    public let descriptor: CollectorDescriptor
    /// The last run; `nil` before the first.
    public let last: CollectorOutcome?

    /// A status from its parts.
    public init(_ descriptor: CollectorDescriptor, last: CollectorOutcome? = nil) {
        self.descriptor = descriptor
        self.last = last
    }
}

/// How one run of one collector went.
public struct CollectorOutcome: Sendable {
    /// Time spent for this collector alone.
    public let duration: Duration
    /// Number of series it gave.
    public let series: Int
    /// Why it gave nothing or less than all; `nil` on success.
    public let error: CollectorError?

    /// An outcome from its parts.
    public init(duration: Duration, series: Int, error: CollectorError? = nil) {
        self.duration = duration
        self.series = series
        self.error = error
    }
}
