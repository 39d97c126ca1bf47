/// One row of the table: what is measured, and what it is held against.
struct KitCase {
    /// As the programs know it.
    let name: String
    let title: String
    /// What the others are asked for; another case where only we have a difference to show.
    let othersName: String
    let targets: [Target]

    init(_ name: String, _ title: String, others: String? = nil, _ targets: Target...) {
        (self.name, self.title, self.othersName, self.targets) = (name, title, others ?? name, targets)
    }

    /// In the order in which they run and are printed. Sizes and sequences are in Benchmarks/README.md.
    static let all = [
        KitCase("counter_inc", "counter + 1", .atMost(1.15, .floor)),
        KitCase("counter_inc_2t", "counter + 1, 2 threads", .atMost(0.25, .go)),
        KitCase("counter_inc_moved", "counter + 1, after another thread", others: "counter_inc"),
        KitCase("counter_add", "counter + 0.5"),
        KitCase("counter_add_2t", "counter + 0.5, 2 threads"),
        KitCase("gauge_set", "gauge set"),
        KitCase("gauge_set_2t", "gauge set, 2 threads"),
        KitCase("histogram_observe", "histogram of 12 buckets", .atMost(0.5, .go)),
        KitCase("histogram_observe_2t", "histogram of 12 buckets, 2 threads", .atMost(0.15, .go)),
        KitCase(
            "histogram_observe_moved", "histogram of 12 buckets, after another thread", others: "histogram_observe"),
        KitCase("native_observe", "native histogram", .atMost(1.5, .ours("histogram_observe", "classic"))),
        KitCase("native_observe_2t", "native histogram, 2 threads"),
        KitCase("lookup", "find a child by 2 values, + 1"),
        KitCase("lookup_2t", "find a child by 2 values, + 1, 2 threads"),
        KitCase("swift_metrics", "the same through swift-metrics", others: "lookup", .atMost(0.9, .go)),
        KitCase(
            "swift_metrics_2t", "the same through swift-metrics, 2 threads", others: "lookup_2t", .atMost(0.3, .go)),
        KitCase("swift_metrics_allocations", "allocations for one of these", .none),
        KitCase("register_10k", "register 10,000 children, each"),
        KitCase(
            "register_100k", "register 100,000 children, each", .atMost(1, .go),
            .atMost(2, .ours("register_10k", "10,000"))),
        KitCase("encode_1k", "encode 1,000 counters, a line"),
        KitCase("encode_100k", "encode 100,000 counters, a line", .atMost(0.008, .go), .atMost(0.15, .rust)),
        KitCase("encode_100k_growing", "the same after one more was made, a line", others: "encode_100k"),
        KitCase("encode_gauges_100k", "encode 100,000 gauges of 17 digits, a line", .atMost(0.35, .rust)),
        KitCase("encode_histograms_1k", "encode 1,000 histograms, a line", .atMost(0.2, .rust)),
        KitCase("encode_1k_allocations", "allocations to encode 1,000"),
        KitCase(
            "encode_100k_allocations", "allocations to encode 100,000",
            .atMost(1.5, .ours("encode_1k_allocations", "1,000"))),
        KitCase("gzip", "gzip of 8.4 MB (floor: zlib level 1)", .atMost(0.5, .floor)),
    ]
}

/// What a figure of ours must reach.
enum Target {
    /// Ours divided by the other's, at most.
    case atMost(Double, Rival)
    /// Ours divided by the other's, at least: for rates.
    case atLeast(Double, Rival)
    /// Nothing at all of it.
    case none
}

/// Who measures.
enum Rival: Hashable {
    case go, rust, python
    /// No library at all; for gzip, zlib.
    case floor
    /// Another case of ours, and how the table calls it.
    case ours(String, String)
    /// A figure of the same run that is no case.
    case figure(String)
}
