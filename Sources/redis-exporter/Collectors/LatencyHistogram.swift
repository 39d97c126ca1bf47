internal import ExporterKit
internal import RedisClient

/// `LATENCY HISTOGRAM`: a histogram per command; the sum of all durations comes from `INFO` of the same scrape. A scraper
/// that takes native histograms gets native buckets besides.
/// Source: https://redis.io/docs/latest/commands/latency-histogram/
struct LatencyHistogramCollector: QueryCollector {
    typealias Session = RedisSession

    let descriptor = CollectorDescriptor(
        "latency_histogram", "Durations per command as histograms, from LATENCY HISTOGRAM.")
    private let histogram: MetricDescriptor
    private let filter: CommandFilter

    /// - Parameter filter: which commands get a histogram.
    init(_ namespace: String, filter: CommandFilter = .all) {
        self.filter = filter
        histogram = MetricDescriptor(
            "\(namespace)_commands_latencies_usec", "Microseconds the calls of the command took.", kind: .histogram)
    }

    var metrics: [MetricDescriptor] { [histogram] }

    func questions(for server: RedisServer) -> [RedisCommand] {
        server.isAtLeast(ServerVersion(7)) && !server.isSentinel ? [["LATENCY", "HISTOGRAM"]] : []
    }

    func decode(
        _ replies: [Reply<RedisValue>], from server: RedisServer, into sink: inout MetricSink
    ) throws(CollectorError) {
        guard let reply = replies.first else { return }
        guard let commands = try reply.result.get().pairs else {
            throw CollectorError(.decode, "LATENCY HISTOGRAM: the answer is no list")
        }
        let durations = Dictionary(server.info.commands) { first, _ in first }
        let slot = sink.open(histogram)
        for (command, details) in commands where filter.includes(command) {
            let sum = durations[command[...]]?.number("usec") ?? 0
            guard let snapshot = Self.snapshot(details, sum: sum) else { continue }
            sink.append(.histogram(snapshot), LabelSet(["cmd": command]), to: slot)
        }
    }

    /// `calls`, the number of calls, `histogram_usec`, a list of upper bound and calls up to it, in turn.
    ///
    /// - Returns: `nil` when bounds or counts do not ascend: this command is left out, not its neighbours.
    private static func snapshot(_ details: RedisValue, sum: Double) -> HistogramSnapshot? {
        guard let parts = details.pairs, let calls = parts.first(where: { $0.name == "calls" })?.value.integer,
            let buckets = parts.first(where: { $0.name == "histogram_usec" })?.value.array
        else { return nil }
        var bounds: [Double] = []
        var counts: [UInt64] = []
        var below: Int64 = 0
        for index in stride(from: 0, to: buckets.count - 1, by: 2) {
            guard let bound = buckets[index].number, let total = buckets[index + 1].integer, total >= below else {
                return nil
            }
            bounds.append(bound)
            counts.append(UInt64(total - below))
            below = total
        }
        guard calls >= below else { return nil }
        return HistogramSnapshot(upperBounds: bounds, counts: counts + [UInt64(calls - below)], sum: sum)?
            .withPowersOfTwo
    }
}
