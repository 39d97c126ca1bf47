import ExporterKit

/// What an app does while it serves.
enum InstrumentCases {
    static func counter() -> Counter { Registry().counter("a_total", "A.") }

    static func increment(_ counter: Counter, threads: Int, _ count: Int) -> Case.Run {
        {
            Timing.perOperation(threads: threads, count) { count in
                for _ in 0..<count { counter.increment() }
            }
        }
    }

    static func addFraction(threads: Int, _ count: Int) -> Case.Run {
        let counter = Registry().counter("a_total", "A.")
        return {
            Timing.perOperation(threads: threads, count) { count in
                for _ in 0..<count { counter.increment(by: 0.5) }
            }
        }
    }

    static func set(threads: Int, _ count: Int) -> Case.Run {
        let gauge = Registry().gauge("a", "A.")
        return {
            Timing.perOperation(threads: threads, count) { count in
                for turn in 0..<count { gauge.set(Double(turn)) }
            }
        }
    }

    static func observe(_ histogram: Histogram, threads: Int, _ count: Int) -> Case.Run {
        let drawn = Workload.observations()
        return {
            Timing.perOperation(threads: threads, count) { count in
                drawn.withUnsafeBufferPointer { drawn in
                    for turn in 0..<count { histogram.observe(drawn[turn & 1023]) }
                }
            }
        }
    }

    static func classic() -> Histogram {
        Registry().histogram("a_seconds", "A.", buckets: .explicit(Workload.bounds))
    }

    static func native() -> Histogram {
        Registry().histogram("a_seconds", "A.", buckets: .native(NativeHistogramOptions(bucketFactor: 1.1)))
    }

    /// An instrument that another thread used before, as most are where tasks move from thread to thread.
    static func used<I: Sendable>(_ instrument: I, _ use: @escaping @Sendable (I) -> Void) -> I {
        // Threads that end leave their number to others, so this one takes its own first.
        counter().increment()
        Timing.onAnotherThread { use(instrument) }
        return instrument
    }

    /// By two label values, over 50 children, as an app does that keeps no children.
    static func lookUp(threads: Int, _ count: Int) -> Case.Run {
        let family = Registry().counter("http_requests_total", "Requests served.", labels: ["method", "code"])
        let pairs = (0..<50).map { (Workload.methods[$0 % 5], Workload.codes[$0 / 5]) }
        return {
            Timing.perOperation(threads: threads, count) { count in
                var next = 0
                for _ in 0..<count {
                    let (method, code) = pairs[next]
                    family(method, code).increment()
                    next = next + 1 == pairs.count ? 0 : next + 1
                }
            }
        }
    }

    /// Children of one new family; they are given back outside the time.
    static func register(_ count: Int) -> Case.Run {
        let values = (0..<count).map(Workload.values)
        return {
            let registry = Registry()
            return Timing.perOperation(threads: 1, count) { _ in
                let family = registry.counter("a_total", "A.", labels: Workload.labels, seriesLimit: count)
                for (method, code, path) in values { _ = family(method, code, path) }
            }
        }
    }
}
