// What a scrape asks for, read from its request.

extension MetricsRoute {
    struct Problem: Error {
        let text: String
    }

    func collectorFilter(of request: HTTPRequest) -> Result<CollectorFilter, Problem> {
        let only = request.parameters("collect[]")
        let except = request.parameters("exclude[]")
        if only.isEmpty && except.isEmpty { return .success(.all) }
        guard only.isEmpty || except.isEmpty else {
            return .failure(Problem(text: "collect[] and exclude[] exclude each other: give one of them."))
        }
        let known = Set(collectors.map(\.descriptor.name))
        if let stranger = (only + except).first(where: { !known.contains($0) }) {
            let list = known.sorted().joined(separator: ", ")
            return .failure(Problem(text: "unknown or disabled collector \"\(stranger)\"; enabled are: \(list)"))
        }
        return .success(only.isEmpty ? .except(Set(except)) : .only(Set(only)))
    }
}

extension Deadline {
    /// The scraper's timeout less the offset, at most the own limit. Of a very short timeout half is left to work with.
    init(of request: HTTPRequest, _ options: MetricsRoute.Options) {
        guard let text = request.header("X-Prometheus-Scrape-Timeout-Seconds"), let seconds = Double(text),
            seconds > 0, seconds.isFinite
        else {
            self = .after(options.scrapeTimeout)
            return
        }
        let timeout = Duration.seconds(min(seconds, 86_400))
        self = .after(min(options.scrapeTimeout, max(timeout - options.timeoutOffset, timeout / 2)))
    }
}

extension HTTPRequest {
    /// True when the client takes gzip.
    var acceptsGzip: Bool {
        (header("Accept-Encoding") ?? "").split(separator: ",").contains { clause in
            let parts = clause.split(separator: ";").map { $0.trimmed().lowercased() }
            guard parts.first == "gzip" else { return false }
            return !parts.dropFirst().contains { $0.hasPrefix("q=") && Double($0.dropFirst(2)) == 0 }
        }
    }
}
