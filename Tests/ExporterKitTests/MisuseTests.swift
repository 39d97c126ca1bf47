import Testing

@testable import ExporterKit

/// Calls that no sane program makes, in any order, from many tasks while others scrape: nothing crashes, and what is exposed
/// stays legal. The thread sanitizer runs this suite too, see scripts/tsan.
@Suite struct MisuseTests {
    /// The same sequence for the same seed, so that a failure can be repeated.
    private struct Dice: RandomNumberGenerator {
        private var state: UInt64

        init(_ seed: UInt64) {
            state = seed
        }

        mutating func next() -> UInt64 {
            // SplitMix64. Source: https://prng.di.unimi.it/splitmix64.c
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }

        mutating func pick<Element>(_ elements: [Element]) -> Element {
            elements[Int(next() % UInt64(elements.count))]
        }
    }

    private static let names = ["a_total", "a", "a_bucket", "", "__x", "9", "x y", "ü.dots", "le", "a_total\n\"\\"]
    private static let labels = [
        [], ["x"], ["x", "y"], ["y", "x"], ["le"], ["quantile"], ["__a"], [""], ["x", "x"], ["é.b"],
    ]
    private static let values = ["", "1", "\n\"\\", "ü😀", String(repeating: "v", count: 300), "_overflow", "\u{0}"]
    private static let amounts = [
        0, 1, -1, 0.5, .nan, .infinity, -.infinity, 1e308, Double.leastNonzeroMagnitude, Double(UInt64.max), -1e308,
    ]

    @Test(arguments: [1 as UInt64, 2, 3])
    func randomCallsNeverCrashNorExposeWhatIsIllegal(seed: UInt64) async {
        let registry = Registry(options: .init(seriesLimit: 20, createdTimestamps: seed == 2))
        await withTaskGroup { tasks in
            for task in 0..<4 {
                tasks.addTask {
                    var dice = Dice(seed &* 1000 &+ UInt64(task))
                    for _ in 0..<400 { Self.call(registry, &dice) }
                }
            }
            tasks.addTask {
                for _ in 0..<20 {
                    _ = await MetricsRoute(sources: [registry]).render(.openMetrics100, until: .after(.seconds(5)))
                    await Task.yield()
                }
            }
        }
        let merged = FamilyMerge(await registry.families(for: ScrapeRequest(deadline: .after(.seconds(5)))))
        #expect(merged.drops.isEmpty)
        for family in merged.families {
            let labels = family.samples.map(\.labels)
            #expect(Set(labels).count == labels.count)
            #expect(family.count <= 21 * 3)
        }
    }

    /// One call; what it gives is used, and the use does not make sense either.
    private static func call(_ registry: Registry, _ dice: inout Dice) {
        let (name, names) = (dice.pick(names), dice.pick(labels))
        let given = (0..<Int(dice.next() % 3)).map { _ in dice.pick(values) }
        let amount = dice.pick(amounts)
        switch dice.next() % 9 {
        case 0:
            let counter = registry.counter(name, "Help.", labels: names).instrument(given)
            counter.increment(by: amount)
            counter.increment(by: Int(truncatingIfNeeded: dice.next()))
            if dice.next() % 8 == 0 { counter.reset() }
            counter.increment(
                by: amount, exemplar: LabelSet(checking: [(dice.pick(self.names), dice.pick(values))]) ?? .empty)
        case 1:
            let gauge = registry.gauge(name, dice.pick(values), labels: names).instrument(given)
            gauge.set(amount)
            gauge.add(amount)
        case 2, 3:
            let buckets: [HistogramBuckets] = [
                .webLatency, .explicit([amount, 1, .nan]), .native(), .linear(from: amount, width: amount, count: 5),
                .exponential(from: amount, factor: amount, count: 3).with(
                    native: NativeHistogramOptions(maxBuckets: 2)),
            ]
            let histogram = registry.histogram(name, "Help.", labels: names, buckets: dice.pick(buckets)).instrument(
                given)
            histogram.observe(amount)
            histogram.observe(amount, exemplar: ["trace_id": dice.pick(values)])
            histogram.observe(Duration.seconds(-3))
        case 4:
            let summary = registry.summary(name, "Help.", labels: names, quantiles: .sliding([0.5, -1, 2, .nan]))
                .instrument(given)
            summary.observe(amount)
        case 5:
            let states = registry.stateSet(name, "Help.", states: given, labels: names).instrument(given)
            states.set(dice.pick(values))
        case 6:
            let queue = registry.gaugeHistogram(name, "Help.", labels: names, buckets: .explicit([amount])).instrument(
                given)
            queue.add(amount)
            queue.remove(dice.pick(amounts))
        case 7: registry.counter(name, "Help.", labels: names).remove(given)
        default:
            registry.info(name, "Help.", ["x": dice.pick(values), "": "y"])
            if dice.next() % 16 == 0 { registry.remove(name) }
        }
    }
}
