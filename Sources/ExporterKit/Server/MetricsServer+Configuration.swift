extension MetricsServer {
    /// What a server needs to know.
    public struct Configuration: Sendable {
        /// Where to listen.
        public var listenAddresses: [ListenAddress]
        /// Listens on the sockets that systemd passes (`LISTEN_FDS`) and not on `listenAddresses`.
        public var usesSystemdSockets = false
        /// Path of the metrics.
        public var telemetryPath = "/metrics"
        /// Times and limits of a scrape.
        public var scrape = MetricsRoute.Options()
        /// What clients may take.
        public var limits = ServerLimits()
        /// Shown on the page at `/`.
        public var page: LandingPage
        /// What `/health` and `/health/ready` look at besides the collectors.
        public var healthChecks: [HealthCheck] = []
        /// What is known already of things that are asked anyway; read for each request of `/health`.
        public var healthStates: @Sendable () -> [HealthState] = { [] }
        /// Further paths; they win over the page and health but not over the metrics.
        public var routes: [String: @Sendable (HTTPRequest) async -> HTTPResponse] = [:]
        /// What a client may make the program do with POST or PUT, by path; they win over everything else.
        public var actions: [String: @Sendable (HTTPRequest) async -> HTTPResponse] = [:]
        /// Paths of routes and actions that take every method, for programs whose clients are used to it.
        public var anyMethod: Set<String> = []
        /// What stands before the routes: TLS, and who may ask. The default lets everybody in.
        public var security = ServerSecurity()
        /// Runs on the event loops that the whole program shares (`MultiThreadedEventLoopGroup.singleton`) and not on one of
        /// its own: what a source that `runsOnEventLoop` asks over these loops costs no other thread.
        public var sharesEventLoops = false
        /// When a `ServiceGroup` shuts down: longest time to wait for answers.
        public var shutdownTime = Duration.seconds(5)

        /// A configuration with the usual paths and limits.
        public init(listenAddresses: [ListenAddress], page: LandingPage) {
            self.listenAddresses = listenAddresses
            self.page = page
        }
    }
}
