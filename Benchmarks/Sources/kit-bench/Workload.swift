import ExporterKit

/// The data of all cases; the peers have the same.
enum Workload {
    static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25]
    static let methods = ["GET", "POST", "PUT", "DELETE", "PATCH"]
    static let codes = ["200", "201", "204", "301", "400", "401", "403", "404", "500", "503"]
    static let labels = ["method", "code", "path"]

    /// The sequence of pseudo-random numbers that all programs draw from.
    struct Draw {
        private var state: UInt64 = 42

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state
        }

        mutating func fraction() -> Double { Double(next() >> 11) / Double(1 << 53) }
    }

    /// 1,024 observations over all 13 buckets.
    static func observations() -> [Double] {
        var draw = Draw()
        return (0..<1024).map { _ in
            let bucket = Int((draw.next() >> 33) % 13)
            let upper = bucket < bounds.count ? bounds[bucket] : 60
            return upper * (0.6 + 0.4 * draw.fraction())
        }
    }

    /// Label values of series `index`: 5 methods x 10 codes x a path of 23 characters.
    static func values(_ index: Int) -> (method: String, code: String, path: String) {
        let number = String(index / 50)
        let padding = String(repeating: "0", count: max(0, 5 - number.utf8.count))
        return (methods[index % 5], codes[index / 5 % 10], "/api/v1/resources/\(padding)\(number)")
    }

    static func counters(_ count: Int) -> Registry {
        let registry = Registry()
        addCounters(0..<count, to: registry)
        return registry
    }

    static func addCounters(_ range: Range<Int>, to registry: Registry) {
        let family = registry.counter("http_requests_total", "Requests served.", labels: labels, seriesLimit: 0)
        for index in range {
            let values = values(index)
            family(values.method, values.code, values.path).increment(
                by: Double(1_000_000 + index * 7919 % 9_000_000))
        }
    }

    static func gauges(_ count: Int) -> Registry {
        let registry = Registry()
        let family = registry.gauge("queue_fill_ratio", "How full the queue is.", labels: labels, seriesLimit: count)
        var draw = Draw()
        for index in 0..<count {
            let values = values(index)
            family(values.method, values.code, values.path).set(draw.fraction())
        }
        return registry
    }

    static func histograms(_ count: Int) -> Registry {
        let registry = Registry()
        let family = registry.histogram(
            "request_duration_seconds", "Time to serve a request.", labels: labels, buckets: .explicit(bounds),
            seriesLimit: count)
        let drawn = observations()
        for index in 0..<count {
            let values = values(index)
            let child = family(values.method, values.code, values.path)
            for turn in 0..<16 { child.observe(drawn[(index * 16 + turn) % 1024]) }
        }
        return registry
    }
}
