public import ExporterKit
public import Logging

/// A collector and all the metrics it can give, for `--collector.NAME`, `--list-metrics` and the documentation.
public struct CollectorListing: Sendable {
    /// Name, summary, default.
    public let descriptor: CollectorDescriptor
    /// Every family it can give.
    public var metrics: [MetricDescriptor] { list() }
    /// A start needs names and defaults only.
    private let list: @Sendable () -> [MetricDescriptor]

    /// A listing from its parts.
    public init(_ descriptor: CollectorDescriptor, metrics: [MetricDescriptor]) {
        self.descriptor = descriptor
        list = { metrics }
    }

    /// The listing of a collector.
    public init(_ collector: any Collector) {
        descriptor = collector.descriptor
        list = { collector.metrics }
    }
}

/// What a program is given besides its flags.
public struct ProgramContext: Sendable {
    /// Writes to standard error in the format and from the level that the flags ask for.
    public let logger: Logger
    /// Names of the collectors that run: defaults and `--collector.*` flags taken together.
    public let enabledCollectors: Set<String>
    /// The environment at start.
    public let environment: [String: String]
    /// For metrics of the program itself. It is exposed after the program's own sources; do not list it among them.
    public let registry: Registry

    /// A context from its parts; tests make their own.
    public init(
        logger: Logger, enabledCollectors: Set<String> = [], environment: [String: String] = [:],
        registry: Registry = Registry()
    ) {
        self.logger = logger
        self.enabledCollectors = enabledCollectors
        self.environment = environment
        self.registry = registry
    }
}

/// What a program serves, made from its flags and not yet started.
public struct Exporter: Sendable {
    /// Where metrics come from, in the order in which they are asked.
    public let sources: [any MetricSource]
    /// What it asks, for the page at `/`; without credentials.
    public let targets: [String]
    /// Paths of its own besides the metrics and the page.
    public let routes: [String: @Sendable (HTTPRequest) async -> HTTPResponse]
    /// Paths, of `routes` or `/-/reload`, that take every method.
    let anyMethod: Set<String>
    /// Does one thing, by the deadline.
    ///
    /// - Returns: what to print.
    public typealias Action = @Sendable (Deadline) async throws -> String
    /// What flags of the kind `action` do instead of serving, by their names.
    public let actions: [String: Action]
    /// What is known of the servers it asks, for `/health`.
    public let health: @Sendable () -> [HealthState]
    let reload: (@Sendable () throws -> Void)?
    let hasStartedWell: Bool
    let connect: (@Sendable (Deadline) async -> Void)?
    let background: (@Sendable () async -> Void)?
    let refresh: (@Sendable (Deadline) async -> Void)?
    let close: (@Sendable () async -> Void)?

    /// An exporter from its parts.
    ///
    /// - Parameters:
    ///   - anyMethod: paths, of `routes` or `/-/reload`, that take every method and not only the fitting ones.
    ///   - actions: for flags that make the program do one thing, print and exit.
    ///   - health: what is known of the servers it asks, from memory, for `/health`.
    ///   - reload: reads the files of the configuration again, on SIGHUP and on POST to `/-/reload`. Takes all of it or
    ///     throws and leaves everything as it was.
    ///   - hasStartedWell: false when the files were refused at start and the program runs without them.
    ///   - connect: opens the way to what will be asked, while the program begins to listen, so that the first scrape
    ///     finds it open. Asks nothing and tells nobody when it fails; not run by `--once`.
    ///   - background: runs beside the server until its task is cancelled; not run by `--once`.
    ///   - refresh: takes the place of `background` in `--once`: asks everything one time, by the deadline.
    ///   - close: releases connections after the last scrape; has about a second.
    public init(
        sources: [any MetricSource], targets: [String] = [],
        routes: [String: @Sendable (HTTPRequest) async -> HTTPResponse] = [:], anyMethod: Set<String> = [],
        actions: [String: Action] = [:], health: @escaping @Sendable () -> [HealthState] = { [] },
        reload: (@Sendable () throws -> Void)? = nil, hasStartedWell: Bool = true,
        connect: (@Sendable (Deadline) async -> Void)? = nil, background: (@Sendable () async -> Void)? = nil,
        refresh: (@Sendable (Deadline) async -> Void)? = nil, close: (@Sendable () async -> Void)? = nil
    ) {
        self.sources = sources
        self.targets = targets
        self.routes = routes
        self.anyMethod = anyMethod
        self.actions = actions
        self.health = health
        self.reload = reload
        self.hasStartedWell = hasStartedWell
        self.connect = connect
        self.background = background
        self.refresh = refresh
        self.close = close
    }
}
