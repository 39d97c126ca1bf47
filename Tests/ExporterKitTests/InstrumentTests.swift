import Glibc
import Synchronization
import Testing

@testable import ExporterKit

@Suite struct InstrumentTests {
    /// Runs the work on threads of its own, all at the same time. Waits without holding one of the pool's threads.
    private func onThreads(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) async {
        final class Start: Sendable {
            let number: Int
            let work: @Sendable (Int) -> Void
            init(_ number: Int, _ work: @escaping @Sendable (Int) -> Void) {
                self.number = number
                self.work = work
            }
        }
        let left = Mutex(count)
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            for number in 0..<count {
                let start = Start(number) { number in
                    work(number)
                    let isLast = left.withLock { left in
                        left -= 1
                        return left == 0
                    }
                    if isLast { done.resume() }
                }
                var thread = pthread_t()
                pthread_create(
                    &thread, nil,
                    { start in
                        let start = start.map { Unmanaged<Start>.fromOpaque($0).takeRetainedValue() }
                        if let start { start.work(start.number) }
                        return nil
                    }, Unmanaged.passRetained(start).toOpaque())
                pthread_detach(thread)
            }
        }
    }

    @Test func countersNeverGoBack() {
        let counter = Counter()
        counter.increment(by: 2)
        counter.increment(by: 0.5)
        for amount in [-1, Double.nan, .infinity, -.infinity] { counter.increment(by: amount) }
        counter.increment(by: -3)
        #expect(counter.value == 2.5)
        counter.increment(by: Int.max)
        counter.increment(by: 1e300)
        #expect(counter.value == 1e300)
        counter.reset()
        #expect(counter.value == 0)
        counter.increment()
        #expect(counter.value == 1)
    }

    @Test(arguments: [1, 2, 5])
    func incrementsOfAllThreadsAreCounted(threads: Int) async {
        let counter = Counter()
        for _ in 0..<3 {
            await onThreads(threads) { number in
                for _ in 0..<50_000 { counter.increment() }
                for _ in 0..<1000 { counter.increment(by: 0.25) }
                counter.increment(by: number)
            }
        }
        let each = 50_000.0 + 250
        #expect(counter.value == 3 * (Double(threads) * each + Double(threads * (threads - 1) / 2)))
    }

    @Test func counterOnlyGrowsWhileThreadsAdd() async {
        let counter = Counter()
        let isDone = Atomic(false)
        await onThreads(3) { number in
            if number == 0 {
                var last = 0.0
                while !isDone.load(ordering: .relaxed) {
                    let now = counter.value
                    #expect(now >= last)
                    last = now
                }
            } else {
                for _ in 0..<60_000 { counter.increment() }
                isDone.store(true, ordering: .relaxed)
            }
        }
        #expect(counter.value == 120_000)
    }

    @Test func threadsAddToCellsOfTheirOwn() {
        let cells = GuestCells()
        #expect(!GuestCells.Spread(word: 0).add(1, from: 1))
        let spread = cells.widen()
        #expect(!spread.add(1, from: 0))  // it has no number yet
        #expect(spread.add(1, from: 1) && spread.add(2, from: 2) && spread.add(4, from: ThreadNumber.everybody - 1))
        #expect(cells.sums.whole == 7)
    }

    /// Threads that come one after another to counters that others share already.
    @Test func newThreadsLoseNothing() async {
        let counters = (0..<200).map { _ in Counter() }
        for _ in 0..<3 {
            await onThreads(4) { _ in
                for counter in counters { for _ in 0..<50 { counter.increment() } }
            }
        }
        #expect(counters.allSatisfy { $0.value == 600 })
    }

    @Test func countersKeepExemplarsAndTimesOfCreation() throws {
        let registry = Registry(options: .init(createdTimestamps: true))
        let counter = registry.counter("a_total", "A.")
        counter.increment(by: 3, exemplar: ["trace_id": "abc"])
        counter.increment(exemplar: ["trace_id": String(repeating: "x", count: 200)])
        guard case .counter(let snapshot) = counter.snapshot() else {
            Issue.record("not a counter")
            return
        }
        #expect(snapshot.value == 4)
        #expect(snapshot.exemplar?.value == 3)
        #expect(abs(try #require(snapshot.created) - WallClock.now) < 60)
    }

    @Test func gaugesAreSetAddedAndTracked() async throws {
        let gauge = Gauge()
        gauge.set(2)
        gauge.add(-0.5)
        #expect(gauge.value == 1.5)
        gauge.trackInProgress { #expect(gauge.value == 2.5) }
        await gauge.trackInProgress {
            await Task.yield()
            #expect(gauge.value == 2.5)
        }
        #expect(throws: CancellationError.self) { try gauge.trackInProgress { throw CancellationError() } }
        #expect(gauge.value == 1.5)
        gauge.setToCurrentTime()
        #expect(gauge.value > 1.7e9)
    }

    @Test func bucketHelpersGiveTheUsualBounds() {
        #expect(Set([0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1, 2, 5]).isSubset(of: HistogramBuckets.webLatency.upperBounds))
        #expect(HistogramBuckets.linear(from: 1, width: 2, count: 3).upperBounds == [1, 3, 5])
        #expect(HistogramBuckets.exponential(from: 0.5, factor: 2, count: 4).upperBounds == [0.5, 1, 2, 4])
        #expect(HistogramBuckets.explicit([1, 0.1, 1, .infinity, .nan]).upperBounds == [0.1, 1])
        #expect(HistogramBuckets.linear(from: 0, width: 1, count: -5).upperBounds.isEmpty)
        #expect(HistogramBuckets.exponential(from: 1, factor: 10, count: 1_000_000).upperBounds.count < 1001)
    }

    @Test(arguments: [2, 24, 25, 100])
    func observationsFallIntoTheBucketOfTheirBound(bounds: Int) throws {
        let histogram = Histogram(.linear(from: 1, width: 1, count: bounds))
        for bound in 1...bounds {
            histogram.observe(Double(bound))
            histogram.observe(Double(bound).nextUp)
        }
        histogram.observe(.infinity)
        histogram.observe(-.infinity)
        histogram.observe(.nan)
        guard case .histogram(let snapshot) = histogram.snapshot() else {
            Issue.record("not a histogram")
            return
        }
        #expect(snapshot.counts == [2] + Array(repeating: 2, count: bounds - 1) + [2])
        #expect(snapshot.count == UInt64(2 * bounds + 2))
    }

    @Test(arguments: [HistogramBuckets.explicit([0.5, 1, 2]), .native(), .explicit([0.5, 1, 2]).with()])
    func scrapesOfABusyHistogramAreConsistentAndOnlyGrow(buckets: HistogramBuckets) async {
        let histogram = Histogram(buckets)
        let isDone = Atomic(false)
        await onThreads(4) { number in
            guard number == 0 else {
                for index in 0..<20_000 { histogram.observe(Double(index % 4)) }
                isDone.store(true, ordering: .relaxed)
                return
            }
            var last: UInt64 = 0
            while !isDone.load(ordering: .relaxed) {
                guard case .histogram(let now) = histogram.snapshot() else { return }
                #expect(now.count >= last)
                #expect(now.counts.reduce(0, +) == now.count)
                if let native = now.native { #expect(native.count == now.count) }
                // 0, 1, 2, 3 in turn from three threads: the sum can lag by what each is doing now.
                #expect(abs(now.sum - 1.5 * Double(now.count)) <= 3 * 3)
                last = now.count
            }
        }
        guard case .histogram(let end) = histogram.snapshot() else {
            Issue.record("not a histogram")
            return
        }
        #expect(end.count == 60_000)
        #expect(end.sum == 90_000)
        if buckets.native == nil { #expect(end.counts == [15_000, 15_000, 15_000, 15_000]) }
    }

    @Test func nativeHistogramStartsOverWithItsClassicPart() throws {
        let options = NativeHistogramOptions(schema: 8, maxBuckets: 4, minResetDuration: .zero)
        let histogram = Histogram(.explicit([1]).with(native: options))
        for value in [1.0, 2, 4, 8, 16] { histogram.observe(value) }
        guard case .histogram(let snapshot) = histogram.snapshot() else {
            Issue.record("not a histogram")
            return
        }
        #expect(snapshot.count == 1)
        #expect(snapshot.sum == 16)
        #expect(snapshot.native?.count == 1)
    }

    @Test func exemplarsStayWithTheirBucket() throws {
        let histogram = Histogram(.explicit([1, 2]).with())
        histogram.observe(1.5, exemplar: ["trace_id": "a"])
        histogram.observe(9, exemplar: ["trace_id": "b"])
        histogram.observe(8, exemplar: ["trace_id": "c"])
        guard case .histogram(let snapshot) = histogram.snapshot() else {
            Issue.record("not a histogram")
            return
        }
        #expect(snapshot.exemplars.map { $0?.value } == [nil, 1.5, 8])
        #expect(snapshot.native?.exemplars.map(\.value) == [1.5, 8, 9])
        #expect(snapshot.count == 3)
    }

    @Test func summariesCountAndGiveQuantilesOnRequest() throws {
        let plain = Summary()
        let sliding = Summary(.sliding([0.99, 0.5, 7]))
        for value in 1...1000 {
            plain.observe(Double(value))
            sliding.observe(Double(value))
        }
        guard case .summary(let first) = plain.snapshot(), case .summary(let second) = sliding.snapshot() else {
            Issue.record("not summaries")
            return
        }
        #expect(first.quantiles.isEmpty && first.count == 1000 && first.sum == 500_500)
        #expect(second.quantiles.map(\.label) == ["0.5", "0.99"])
        #expect(abs(second.quantiles[0].value - 500) < 15 && abs(second.quantiles[1].value - 990) < 30)
    }

    @Test func gaugeHistogramsGoUpAndDown() {
        let queue = GaugeHistogram(.explicit([1, 10]))
        for value in [0.5, 5, 50, .nan] { queue.add(value) }
        queue.remove(5)
        queue.remove(5)
        guard case .histogram(let snapshot) = queue.snapshot() else {
            Issue.record("not a histogram")
            return
        }
        #expect(snapshot.counts == [1, 0, 1] && snapshot.sum == 50.5)
        queue.set([2, 3])
        guard case .histogram(let replaced) = queue.snapshot() else { return }
        #expect(replaced.counts == [0, 2, 0] && replaced.sum == 5)
    }

    @Test func durationsAreTimedAlsoWhenTheWorkThrows() async throws {
        let histogram = Histogram()
        let summary = Summary()
        #expect(histogram.time { 7 } == 7)
        await #expect(throws: CancellationError.self) {
            try await summary.time { () async throws -> Int in
                await Task.yield()
                throw CancellationError()
            }
        }
        histogram.observe(Duration.seconds(-5))
        guard case .histogram(let times) = histogram.snapshot(), case .summary(let one) = summary.snapshot() else {
            Issue.record("wrong kinds")
            return
        }
        #expect(times.count == 2 && times.sum >= 0 && times.sum < 5)
        #expect(one.count == 1)
    }
}
