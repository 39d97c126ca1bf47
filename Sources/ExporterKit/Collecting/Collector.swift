/// Who a collector is.
public struct CollectorDescriptor: Sendable, Hashable {
    /// Lower case with `_`: metric subsystem, file name and flag (`--collector.NAME`) at once.
    public let name: String
    /// One sentence for `--help`, the landing page and the documentation.
    public let summary: String
    /// Runs unless `--no-collector.NAME` is given; otherwise only with `--collector.NAME`.
    public let enabledByDefault: Bool

    /// A descriptor from its parts.
    public init(_ name: String, _ summary: String, enabledByDefault: Bool = true) {
        self.name = name
        self.summary = summary
        self.enabledByDefault = enabledByDefault
    }
}

/// A server that answers questions, several in one round trip.
public protocol QuerySession: Sendable {
    /// What is known of the server before a question is asked: version, flavour, role.
    associatedtype Server: Sendable
    /// A statement, a command.
    associatedtype Question: Sendable
    /// Its complete answer, as plain Swift values.
    associatedtype Answer: Sendable

    /// The server at the other end.
    var server: Server { get }

    /// Something that a living server answers at once, asked before everything else; `nil` for none.
    ///
    /// A kept connection to a server that hangs looks open. Unanswered, this makes the scrape an `up 0`, which one slow
    /// question must not.
    var heartbeat: Question? { get }

    /// Asks all questions, in one round trip where the protocol can.
    ///
    /// Ends by the deadline and when the surrounding task is cancelled; what is unanswered then fails with `.timeout` or
    /// `.cancelled`, and the work on the server is cancelled too.
    ///
    /// - Returns: one reply per question, in their order. A question that fails costs only its own reply.
    func ask(_ questions: [Question], until deadline: Deadline) async -> [Reply<Answer>]
}

extension QuerySession {
    /// None.
    public var heartbeat: Question? { nil }
}

/// Answer to one question, and what it took.
public struct Reply<Answer: Sendable>: Sendable {
    /// The answer, or why there is none.
    public let result: Result<Answer, CollectorError>
    /// Time from the previous answer (or the start) to this one.
    public let duration: Duration

    /// A reply from its parts.
    public init(_ result: Result<Answer, CollectorError>, took duration: Duration) {
        self.result = result
        self.duration = duration
    }
}

/// Opens or reuses the session of a scrape.
public protocol SessionProvider<Session>: Sendable {
    /// What a scrape talks to.
    associatedtype Session: QuerySession

    /// A usable session, by the deadline.
    ///
    /// - Throws: why the server cannot be asked; the scrape then answers `up 0` and nothing else of the server.
    func open(until deadline: Deadline) async throws(CollectorError) -> Session
}

/// Something that can be collected from a session.
///
/// Prefer, in this order: a `MetricTable` behind a `QueryCollector`, a `QueryCollector`, a `Collector`.
public protocol Collector<Session>: Sendable {
    /// What it talks to.
    associatedtype Session: QuerySession

    /// Name, summary, default.
    var descriptor: CollectorDescriptor { get }

    /// Every family it can give, for `--list-metrics`, the documentation and the catalogue tests. Families whose names come
    /// from the server are described by their pattern, for example `pg_settings_<name>`.
    var metrics: [MetricDescriptor] { get }

    /// Itself where it is a pure collector, else `nil`. Defaults say so; a cast would search through all types of the program.
    var pure: (any QueryCollector<Session>)? { get }

    /// Collects into the sink.
    ///
    /// Samples that are in the sink when it throws are complete and are served; success is 0 all the same.
    func collect(
        from session: Session, until deadline: Deadline, into sink: inout MetricSink) async throws(CollectorError)
}

extension Collector {
    /// It is none.
    public var pure: (any QueryCollector<Session>)? { nil }
}

/// A pure collector: the session asks, together with the questions of all other pure collectors, and the collector reads.
public protocol QueryCollector<Session>: Collector {
    /// What to ask this server. None means that it has nothing of the kind: success, no family.
    func questions(for server: Session.Server) -> [Session.Question]

    /// Turns replies, one per question, into samples.
    func decode(
        _ replies: [Reply<Session.Answer>], from server: Session.Server, into sink: inout MetricSink
    ) throws(CollectorError)
}

extension QueryCollector {
    /// Itself.
    public var pure: (any QueryCollector<Session>)? { self }

    /// Asks and decodes alone; in a scrape the runner asks for all pure collectors at once instead.
    public func collect(
        from session: Session, until deadline: Deadline, into sink: inout MetricSink
    ) async throws(CollectorError) {
        let replies = await session.ask(questions(for: session.server), until: deadline)
        try decode(replies, from: session.server, into: &sink)
    }
}
