internal import Synchronization

/// `/metrics`: from a request to the bytes of an answer. Knows no socket, so an app with a server of its own can mount it:
///
/// ```swift
/// let answer = await route.respond(target: path, headers: headers)   // answer.status, answer.headers, answer.body
/// ```
public final class MetricsRoute: Sendable {
    /// What a route needs to know.
    public struct Options: Sendable {
        /// Longest time a scrape may take; what the scraper's own timeout asks may only shorten it.
        public var scrapeTimeout: Duration
        /// Taken off the scraper's timeout, so that the answer is there before it hangs up.
        public var timeoutOffset: Duration
        /// Different scrapes at once; more are refused with 503. 0 for no limit.
        public var maxRequests: Int
        /// Expose what the route says of itself: series dropped, scrapes refused. Off where one program has many routes.
        public var exposesOwnMetrics = true

        /// Options; the defaults are those of the official exporters.
        public init(
            scrapeTimeout: Duration = .seconds(60), timeoutOffset: Duration = .milliseconds(250), maxRequests: Int = 40
        ) {
            self.scrapeTimeout = scrapeTimeout
            self.timeoutOffset = timeoutOffset
            self.maxRequests = maxRequests
        }
    }

    private struct Key: Hashable {
        let filter: CollectorFilter
        let names: Set<String>
        let format: ExpositionFormat
        let gzip: Bool
    }

    /// A source, and what it still owes to scrapes that went on without it.
    private struct Asked {
        let source: any MetricSource
        let late = LateCalls()
    }

    /// What a source may take beyond the deadline that it was given. The scraper waits a little longer still.
    private static let grace = Duration.milliseconds(200)

    /// Metrics about the exposition itself; theirs are the names, whatever a source says.
    let own: Registry
    let options: Options
    private let sources: [Asked]
    private let alarm: Alarm
    private let flights: SingleFlight<Key, HTTPResponse>
    /// Of the last scrape: the next one most likely brings the same families.
    private let order = Mutex<FamilyMerge.Order?>(nil)
    private let dropped: LabeledFamily<Counter>
    private let refused: Counter
    private let late: Counter
    /// Bytes of the last whole body; as many as can be before the first.
    private let lastSize = Atomic<Int>(.max)
    /// A body of this size, uncompressed, is made about as fast as another thread wakes up.
    private static let small = 128 * 1024
    /// Names of its own metrics.
    private let reserved: Set<String> = [
        "exporter_dropped_series_total", "exporter_refused_scrapes_total", "exporter_late_sources_total",
    ]

    /// - Parameter sources: in the order in which they are asked; of equal series the first is kept.
    public init(sources: [any MetricSource], options: Options = Options()) {
        let own = Registry()
        self.own = own
        self.alarm = Alarm()
        self.sources = sources.map { Asked(source: $0) }
        self.options = options
        self.flights = SingleFlight(limit: options.maxRequests)
        self.dropped = own.counter(
            "exporter_dropped_series_total",
            "Series left out of a scrape because Prometheus would have refused them, by reason.", labels: ["reason"])
        self.refused = own.counter(
            "exporter_refused_scrapes_total", "Scrapes refused because too many others were running.")
        self.late = own.counter(
            "exporter_late_sources_total", "Times a scrape went on without a source that did not keep to the deadline.")
        for reason in FamilyMerge.Drop.allCases { _ = dropped(reason.rawValue) }
    }

    /// A route that counts and waits together with another one and has its options: for programs with a route per target,
    /// where registries would weigh more than all the rest.
    package init(sources: [any MetricSource], sharing other: MetricsRoute) {
        self.own = other.own
        self.alarm = other.alarm
        self.sources = sources.map { Asked(source: $0) }
        self.options = other.options
        self.flights = SingleFlight(limit: other.options.maxRequests)
        (self.dropped, self.refused, self.late) = (other.dropped, other.refused, other.late)
    }

    /// The collectors of all sources, for pages and lists.
    public var collectors: [CollectorStatus] { sources.flatMap(\.source.collectors) }

    /// Answers a scrape that came through any server; see `respond(to:)`.
    ///
    /// - Parameters:
    ///   - method: `GET` or `HEAD`; anything else is 405. The body of an answer to `HEAD` is left to the server.
    ///   - target: path and query as they stand in the request line; the path does not matter.
    ///   - headers: at least `Accept`, `Accept-Encoding` and `X-Prometheus-Scrape-Timeout-Seconds`, in any case.
    public func respond(
        method: String = "GET", target: String = "/metrics", headers: some Sequence<(name: String, value: String)>
    ) async -> HTTPResponse {
        guard method == "GET" || method == "HEAD" else {
            return .text(405, "405 method not allowed: use GET", headers: [("Allow", "GET, HEAD")])
        }
        return await respond(to: HTTPRequest(method: method, target: target, headers: Array(headers)))
    }

    /// Answers a scrape: 200 with what could be had in time, 400 for a filter nobody knows, 503 when too many are running.
    ///
    /// Ends early when the surrounding task is cancelled and nobody else waits for the same scrape.
    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        let filter: CollectorFilter
        switch collectorFilter(of: request) {
        case .success(let chosen): filter = chosen
        case .failure(let problem): return .text(400, problem.text)
        }
        let deadline = Deadline(of: request, options)
        let key = Key(
            filter: filter, names: Set(request.parameters("name[]")),
            format: .negotiated(accept: request.header("Accept")), gzip: request.acceptsGzip)
        if answersAtOnce(request) { return await scrape(key, until: deadline) }
        let executor = staysOnLoop ? request.executor : nil
        do throws(SingleFlight<Key, HTTPResponse>.Full) {
            return try await flights.run(key, until: deadline, on: executor) {
                await self.scrape(key, until: deadline, on: executor)
            }
        } catch {
            refused.increment()
            return .text(503, "Limit of concurrent requests reached (\(options.maxRequests)), try again later.")
        }
    }

    /// True when an answer only reads memory and is small: then it is made where it is asked for, without a task that others
    /// could join.
    func answersAtOnce(_ request: HTTPRequest) -> Bool {
        lastSize.load(ordering: .relaxed) <= Self.small && !request.acceptsGzip
            && sources.allSatisfy(\.source.answersAtOnce)
    }

    /// True when an answer is small and no source blocks the thread: then it is made on the event loop of its connection.
    var staysOnLoop: Bool {
        lastSize.load(ordering: .relaxed) <= Self.small
            && sources.allSatisfy { $0.source.answersAtOnce || $0.source.runsOnEventLoop }
    }

    /// Collects once and encodes, without HTTP.
    public func render(_ format: ExpositionFormat, until deadline: Deadline) async -> [UInt8] {
        format.encode(await families(ScrapeRequest(deadline: deadline), names: []))
    }

    private func scrape(_ key: Key, until deadline: Deadline, on executor: LoopExecutor? = nil) async -> HTTPResponse {
        let families = await families(
            ScrapeRequest(filter: key.filter, deadline: deadline), names: key.names, on: executor)
        let (body, collisions) = key.format.exposition(of: families)
        if key.names.isEmpty, key.filter == .all { lastSize.store(body.count, ordering: .relaxed) }
        if collisions > 0 { dropped(FamilyMerge.Drop.nameCollision.rawValue).increment(by: Double(collisions)) }
        var headers = [("Content-Type", key.format.contentType), ("Vary", "Accept, Accept-Encoding")]
        guard key.gzip, let compressed = Gzip.compress(body) else {
            return HTTPResponse(status: 200, headers: headers, body: body)
        }
        headers.append(("Content-Encoding", "gzip"))
        return HTTPResponse(status: 200, headers: headers, body: compressed)
    }

    private func families(
        _ request: ScrapeRequest, names: Set<String>, on executor: LoopExecutor? = nil
    ) async -> [MetricFamily] {
        let gathered = await gather(request, on: executor)
        var merge = FamilyMerge(gathered, reserved: reserved, like: order.withLock { $0 })
        order.withLock { [order = merge.order] in $0 = order }
        for (reason, count) in merge.drops { dropped(reason.rawValue).increment(by: Double(count)) }
        if options.exposesOwnMetrics {
            for family in await own.families(for: request) { merge.insert(family) }
        }
        return names.isEmpty ? merge.families : merge.families.filter { names.contains($0.descriptor.name) }
    }

    /// Asks every source at once and goes on without those that do not keep to the deadline.
    private func gather(_ request: ScrapeRequest, on executor: LoopExecutor?) async -> [MetricFamily] {
        let calls = sources.map { asked -> BoundedCall<[MetricFamily]>? in
            // One that is late for an earlier scrape is not asked again: it would only pile up.
            guard !asked.source.answersAtOnce, !asked.late.isAny else { return nil }
            return BoundedCall(alarm, late: asked.late, on: executor) { await asked.source.families(for: request) }
        }
        let end = Deadline(at: request.deadline.instant.advanced(by: Self.grace))
        var gathered: [MetricFamily] = []
        for (asked, call) in zip(sources, calls) {
            if asked.source.answersAtOnce {
                gathered += await asked.source.families(for: request)
            } else if let families = await call?.value(until: end) {
                gathered += families
            } else if !Task.isCancelled {
                late.increment()
            }
        }
        return gathered
    }
}
