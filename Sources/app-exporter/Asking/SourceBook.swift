internal import CurlClient
internal import ExporterCommand
internal import ExporterKit

/// The sources of a configuration, each opened once, by those who need them.
struct SourceBook {
    let configuration: AppConfiguration
    let registry: Registry
    let time: Timekeeper
    /// For all HTTP.
    let client: CurlClient
    /// How each source answered last.
    let states: SourceStates
    /// All that was opened, for closing.
    private(set) var opened: [any AskedSource] = []
    private var postgres: [String: PostgresSource] = [:]
    private var redis: [String: RedisSource] = [:]
    private var http: [String: HTTPSource] = [:]

    /// - Parameter earlier: the book of the configuration before; what is configured as it was there stays open.
    init(
        _ configuration: AppConfiguration, _ registry: Registry, _ time: Timekeeper, earlier: SourceBook? = nil
    ) {
        self.configuration = configuration
        self.registry = registry
        self.time = time
        states = earlier?.states ?? SourceStates()
        states.expect(configuration.parts.sourceNames)
        if let earlier {
            client = earlier.client
            let (old, new) = (earlier.configuration, configuration)
            let isSame = { (name: String) in
                new.parts.source(name) != nil && new.parts.source(name) == old.parts.source(name)
                    && new.connectionsForVectors(of: name) == old.connectionsForVectors(of: name)
            }
            postgres = earlier.postgres.filter { isSame($0.key) }
            redis = earlier.redis.filter { isSame($0.key) }
            http = earlier.http.filter { isSame($0.key) }
            opened = Array(postgres.values) + Array(redis.values) + Array(http.values)
            return
        }
        var options = CurlOptions()
        options.userAgent = "app-exporter/\(FleetVersion.current)"
        // Each source keeps to its own number; what hangs in one place must not keep others from connecting.
        options.maximumConnections = 1_024
        client = CurlClient(options)
    }

    /// Keeps a source that somebody opened for himself alone.
    mutating func keep(_ source: any AskedSource) { opened.append(source) }

    func metrics(of source: SourceConfiguration) -> SourceMetrics {
        SourceMetrics(source.name, kind: source.kind.name, registry, states: states)
    }

    /// The connections that groups and checks share.
    mutating func postgres(_ name: String, _ settings: PostgresSettings) -> PostgresSource {
        if let present = postgres[name] { return present }
        // The vector part has its own.
        let taken = configuration.connectionsForVectors(of: name)
        let width = max(1, settings.maximumConnections - taken)
        let made = PostgresSource(
            name, settings, connections: width, SourceMetrics(name, kind: "postgres", registry, states: states))
        postgres[name] = made
        opened.append(made)
        return made
    }

    mutating func redis(_ name: String, _ settings: RedisSettings) -> RedisSource {
        if let present = redis[name] { return present }
        let made = RedisSource(name, settings, SourceMetrics(name, kind: "redis", registry, states: states))
        redis[name] = made
        opened.append(made)
        return made
    }

    mutating func http(_ name: String, _ settings: HTTPSettings) -> HTTPSource {
        if let present = http[name] { return present }
        let made = HTTPSource(
            name, settings, client: client, SourceMetrics(name, kind: "http", registry, states: states))
        http[name] = made
        opened.append(made)
        return made
    }
}

extension AppConfiguration {
    /// Connections of a source that the vector part has for itself.
    fileprivate func connectionsForVectors(of source: String) -> Int {
        vector.map { $0.source == source ? $0.connections : 0 } ?? 0
    }
}
