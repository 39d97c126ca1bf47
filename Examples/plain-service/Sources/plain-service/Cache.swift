import Metrics

/// Stands for a library: it knows swift-metrics and nothing of Prometheus.
struct Cache {
    private let hits = Counter(label: "cache.hits")
    private let misses = Counter(label: "cache.misses")

    /// A size in pixels, sometimes remembered.
    func size() -> Int {
        (Bool.random() ? hits : misses).increment()
        return [16, 32, 64].randomElement() ?? 16
    }
}
