import CAllocations
import CoreMetrics
import ExporterKit
import ExporterKitSwiftMetrics

/// What a framework does for each request: ask the factory for a counter it has given before, and add one.
enum SwiftMetricsCases {
    static func lookUp(threads: Int, _ count: Int) -> Case.Run {
        let factory = factory()
        return {
            Timing.perOperation(threads: threads, count) { count in use(factory, dimensions(), count) }
        }
    }

    /// Blocks taken from the heap for one of these.
    static func allocations() -> Case.Run {
        let (factory, dimensions) = (factory(), dimensions())
        let count = 10_000
        return {
            use(factory, dimensions, count)
            let before = CAllocations_count()
            use(factory, dimensions, count)
            return Double(CAllocations_count() - before) / Double(count)
        }
    }

    /// Behind `any`, as `MetricsSystem` holds it.
    private static func factory() -> any MetricsFactory { PrometheusMetricsFactory(Registry()) }

    /// Of 50 series. Each thread makes them for itself, as a request's are: two threads that give the same array collide
    /// on its reference count before the factory sees it.
    private static func dimensions() -> [[(String, String)]] {
        (0..<50).map { [("method", Workload.methods[$0 % 5]), ("code", Workload.codes[$0 / 5])] }
    }

    private static func use(_ factory: any MetricsFactory, _ dimensions: [[(String, String)]], _ count: Int) {
        var next = 0
        for _ in 0..<count {
            factory.makeCounter(label: "http_requests_total", dimensions: dimensions[next]).increment(by: 1)
            next = next + 1 == dimensions.count ? 0 : next + 1
        }
    }
}
