import CAllocations
import ExporterKit

/// What a scrape costs, without a socket.
enum ExpositionCases {
    /// Nanoseconds for a line of text 0.0.4.
    static func encode(_ registry: Registry, lines: Int, repeats: Int) -> Case.Run {
        let route = MetricsRoute(sources: [registry])
        return {
            let began = Timing.now()
            for _ in 0..<repeats { _ = await route.render(.text004, until: .after(.seconds(60))) }
            return (Timing.now() - began) / Double(lines * repeats)
        }
    }

    /// The same with a series that no scrape has seen yet, as an app has them that still grows.
    static func encodeGrowing(_ registry: Registry, lines: Int) -> Case.Run {
        let route = MetricsRoute(sources: [registry])
        var next = lines
        return {
            Workload.addCounters(next..<(next + 1), to: registry)
            next += 1
            let began = Timing.now()
            _ = await route.render(.text004, until: .after(.seconds(60)))
            return (Timing.now() - began) / Double(next)
        }
    }

    /// Blocks taken from the heap for one encoding.
    static func allocations(_ registry: Registry) -> Case.Run {
        let route = MetricsRoute(sources: [registry])
        return {
            _ = await route.render(.text004, until: .after(.seconds(60)))
            let before = CAllocations_count()
            _ = await route.render(.text004, until: .after(.seconds(60)))
            return Double(CAllocations_count() - before)
        }
    }

    /// Milliseconds that gzip adds to a scrape of 100,000 counters.
    static func gzip() -> Case.Run {
        let route = MetricsRoute(sources: [Workload.counters(100_000)])
        let plain = HTTPRequest(target: "/metrics")
        let packed = HTTPRequest(target: "/metrics", headers: [("Accept-Encoding", "gzip")])
        return {
            let began = Timing.now()
            _ = await route.respond(to: plain)
            let between = Timing.now()
            _ = await route.respond(to: packed)
            let end = Timing.now()
            return (end - between - (between - began)) / 1e6
        }
    }
}
