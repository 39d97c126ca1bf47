/// `/metrics`: from a request to the bytes of an answer. Knows no socket, so an app with a server of its own can mount it.
public final class MetricsRoute: Sendable {
    /// What a route needs to know.
    public struct Options: Sendable {
        /// Longest time a scrape may take; what the scraper's own timeout asks may only shorten it.
        public var scrapeTimeout: Duration
        /// Taken off the scraper's timeout, so that the answer is there before it hangs up.
        public var timeoutOffset: Duration
        /// Different scrapes at once; more are refused with 503. 0 for no limit.
        public var maxRequests: Int

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

    private let sources: [any MetricSource]
    private let options: Options
    private let flights: SingleFlight<Key, HTTPResponse>
    private let own = Registry()
    private let dropped: LabeledFamily<Counter>
    private let refused: Counter

    /// - Parameter sources: in the order in which they are asked; of equal series the first is kept.
    public init(sources: [any MetricSource], options: Options = Options()) {
        self.sources = sources
        self.options = options
        self.flights = SingleFlight(limit: options.maxRequests)
        self.dropped = own.counter(
            "exporter_dropped_series_total",
            "Series left out of a scrape because Prometheus would have refused them, by reason.", labels: ["reason"])
        self.refused = own.counter(
            "exporter_refused_scrapes_total", "Scrapes refused because too many others were running.")
        for reason in FamilyMerge.Drop.allCases { _ = dropped(reason.rawValue) }
    }

    /// The collectors of all sources, for pages and lists.
    public var collectors: [CollectorStatus] { sources.flatMap(\.collectors) }

    /// Answers a scrape: 200 with what could be had in time, 400 for a filter nobody knows, 503 when too many are running.
    ///
    /// Ends early when the surrounding task is cancelled and nobody else waits for the same scrape.
    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        let filter: CollectorFilter
        switch collectorFilter(of: request) {
        case .success(let chosen): filter = chosen
        case .failure(let problem): return .text(400, problem.text)
        }
        let deadline = deadline(of: request)
        let key = Key(
            filter: filter, names: Set(request.parameters("name[]")),
            format: .negotiated(accept: request.header("Accept")), gzip: Self.acceptsGzip(request))
        do throws(SingleFlight<Key, HTTPResponse>.Full) {
            return try await flights.run(key, until: deadline) {
                await self.scrape(key, until: deadline)
            }
        } catch {
            refused.increment()
            return .text(503, "Limit of concurrent requests reached (\(options.maxRequests)), try again later.")
        }
    }

    /// Collects once and encodes, without HTTP.
    public func render(_ format: ExpositionFormat, until deadline: Deadline) async -> [UInt8] {
        format.encode(await families(ScrapeRequest(deadline: deadline), names: []))
    }

    private func scrape(_ key: Key, until deadline: Deadline) async -> HTTPResponse {
        let families = await families(ScrapeRequest(filter: key.filter, deadline: deadline), names: key.names)
        let (body, collisions) = key.format.exposition(of: families)
        if collisions > 0 { dropped(FamilyMerge.Drop.nameCollision.rawValue).increment(by: Double(collisions)) }
        var headers = [("Content-Type", key.format.contentType), ("Vary", "Accept, Accept-Encoding")]
        guard key.gzip, let compressed = Gzip.compress(body) else {
            return HTTPResponse(status: 200, headers: headers, body: body)
        }
        headers.append(("Content-Encoding", "gzip"))
        return HTTPResponse(status: 200, headers: headers, body: compressed)
    }

    private func families(_ request: ScrapeRequest, names: Set<String>) async -> [MetricFamily] {
        var gathered: [MetricFamily] = []
        for source in sources { gathered += await source.families(for: request) }
        var merge = FamilyMerge(gathered)
        for (reason, count) in merge.drops { dropped(reason.rawValue).increment(by: Double(count)) }
        for family in await own.families(for: request) { merge.insert(family) }
        return names.isEmpty ? merge.families : merge.families.filter { names.contains($0.descriptor.name) }
    }

    // MARK: - Reading the request

    private struct Problem: Error {
        let text: String
    }

    private func collectorFilter(of request: HTTPRequest) -> Result<CollectorFilter, Problem> {
        let only = request.parameters("collect[]")
        let except = request.parameters("exclude[]")
        guard only.isEmpty || except.isEmpty else {
            return .failure(Problem(text: "collect[] and exclude[] exclude each other: give one of them."))
        }
        let known = Set(collectors.map(\.descriptor.name))
        if let stranger = (only + except).first(where: { !known.contains($0) }) {
            let list = known.sorted().joined(separator: ", ")
            return .failure(Problem(text: "unknown or disabled collector \"\(stranger)\"; enabled are: \(list)"))
        }
        if !only.isEmpty { return .success(.only(Set(only))) }
        return .success(except.isEmpty ? .all : .except(Set(except)))
    }

    /// The scraper's timeout less the offset, at most the own limit. Of a very short timeout half is left to work with.
    private func deadline(of request: HTTPRequest) -> Deadline {
        guard let text = request.header("X-Prometheus-Scrape-Timeout-Seconds"), let seconds = Double(text),
            seconds > 0, seconds.isFinite
        else { return .after(options.scrapeTimeout) }
        let timeout = Duration.seconds(min(seconds, 86_400))
        return .after(min(options.scrapeTimeout, max(timeout - options.timeoutOffset, timeout / 2)))
    }

    static func acceptsGzip(_ request: HTTPRequest) -> Bool {
        (request.header("Accept-Encoding") ?? "").split(separator: ",").contains { clause in
            let parts = clause.split(separator: ";").map { $0.trimmed().lowercased() }
            guard parts.first == "gzip" else { return false }
            return !parts.dropFirst().contains { $0.hasPrefix("q=") && Double($0.dropFirst(2)) == 0 }
        }
    }
}
