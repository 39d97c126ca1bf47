import Testing

@testable import ExporterKit

@Suite struct QuantileWindowTests {
    private static let start = ContinuousClock.now
    private static let ranks: [Double] = [0, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1]

    /// A way to draw numbers.
    struct Distribution: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let draw: @Sendable () -> Double

        init(_ name: String, _ draw: @escaping @Sendable () -> Double) {
            testDescription = name
            self.draw = draw
        }
    }

    private static func seconds(_ count: Double) -> ContinuousClock.Instant { start.advanced(by: .seconds(count)) }

    /// The smallest value that at least this share of all does not exceed.
    private static func exact(_ values: [Double], _ quantile: Double) -> Double {
        values.sorted()[max(1, Int((quantile * Double(values.count)).rounded(.up))) - 1]
    }

    @Test(arguments: [
        Distribution("uniform") { .random(in: 0...1) },
        Distribution("far from zero") { .random(in: 1e9...1.01e9) },
        Distribution("both signs") { .random(in: -3...5) },
        Distribution("negative") { -.random(in: 1e-6...1e-5) },
        Distribution("bell") { (0..<12).reduce(-6) { sum, _ in sum + .random(in: 0...1) } },
        Distribution("long tail") { 0.001 / .random(in: 0.0001...1) },
        Distribution("two humps") { Bool.random() ? .random(in: 0.001...0.002) : .random(in: 3...4) },
        Distribution("few values") { [0, 1, 1, 2, 1000][.random(in: 0..<5)] },
        Distribution("one value") { 0.25 },
    ])
    func quantilesAreCloseToTheExactOnes(distribution: Distribution) {
        var window = QuantileWindow(at: Self.start)
        let values = (0..<5000).map { _ in distribution.draw() }
        for (number, value) in values.enumerated() { window.observe(value, at: Self.seconds(Double(number) * 0.1)) }
        for (quantile, found) in zip(Self.ranks, window.quantiles(Self.ranks, at: Self.seconds(501))) {
            let exact = Self.exact(values, quantile)
            #expect(abs(found - exact) <= 0.011 * abs(exact), "quantile \(quantile)")
        }
    }

    @Test func nothingObservedIsNotANumber() {
        var window = QuantileWindow(at: Self.start)
        #expect(window.quantiles([0.5, 1], at: Self.start).allSatisfy { $0.isNaN })
        window.observe(.nan, at: Self.start)
        #expect(window.quantiles([0.5, 1], at: Self.start).allSatisfy { $0.isNaN })
        #expect(window.quantiles([], at: Self.start).isEmpty)
    }

    @Test func oldObservationsLeaveSliceBySlice() {
        var window = QuantileWindow(maxAge: .seconds(100), ageBuckets: 4, at: Self.start)
        window.observe(1, at: Self.seconds(24))
        window.observe(100, at: Self.seconds(25))
        func lowest(_ time: Double) -> Double { window.quantiles([0], at: Self.seconds(time))[0] }
        #expect(lowest(99) < 2)
        #expect(lowest(100) > 90)
        #expect(lowest(124) > 90)
        #expect(lowest(125).isNaN)
        #expect(lowest(1e9).isNaN)
        window.observe(7, at: Self.seconds(1e6))
        #expect((6...8).contains(lowest(1e6)))
    }

    @Test func aSliceIsReusedForNewObservationsOnly() {
        var window = QuantileWindow(maxAge: .seconds(2), ageBuckets: 2, at: Self.start)
        for second in 0..<1000 {
            window.observe(Double(second), at: Self.seconds(Double(second)))
            let found = window.quantiles([0, 1], at: Self.seconds(Double(second)))
            #expect(abs(found[0] - Double(max(0, second - 1))) <= 0.011 * Double(second))
            #expect(abs(found[1] - Double(second)) <= 0.011 * Double(second))
        }
    }

    @Test func extremesAreKept() {
        var window = QuantileWindow(at: Self.start)
        for value in [-Double.infinity, 0, .infinity] { window.observe(value, at: Self.start) }
        #expect(window.quantiles([0, 0.5, 1], at: Self.start) == [-.infinity, 0, .infinity])
        let odd = window.quantiles([-1, 2, .infinity], at: Self.start)
        #expect(odd == [-.infinity, .infinity, .infinity])
        #expect(window.quantiles([.nan], at: Self.start)[0].isNaN)
    }

    @Test func anyObservationsNeedBoundedMemory() {
        var random = SystemRandomNumberGenerator()
        var window = QuantileWindow(at: Self.start)
        for _ in 0..<20_000 { window.observe(Double(bitPattern: random.next()), at: Self.start) }
        let buckets = window.buckets(at: Self.start)
        #expect(buckets.positive.used + buckets.negative.used <= 1024)
    }

    @Test func windowsOfSeveralShardsAreReadAsOne() {
        var shards = (0..<4).map { _ in QuantileWindow(at: Self.start) }
        var values: [Double] = []
        for number in 0..<8000 {
            let value = Double.random(in: 0.01...10)
            values.append(value)
            shards[number % 4].observe(value, at: Self.start)
        }
        var all = shards[0].buckets(at: Self.start)
        for shard in shards.dropFirst() { all.merge(shard.buckets(at: Self.start)) }
        for (quantile, found) in zip(Self.ranks, all.quantiles(Self.ranks)) {
            let exact = Self.exact(values, quantile)
            #expect(abs(found - exact) <= 0.011 * exact)
        }
    }

    @Test func timeThatGoesBackOrFarIsHarmless() {
        var window = QuantileWindow(maxAge: .seconds(Int64.max), ageBuckets: .max, at: Self.start)
        window.observe(1, at: Self.seconds(-1e6))
        window.observe(1, at: Self.seconds(1e12))
        window.observe(1, at: Self.start)
        #expect(window.quantiles([0.5], at: Self.seconds(1e12)).allSatisfy { abs($0 - 1) < 0.011 })
        var short = QuantileWindow(maxAge: .zero, ageBuckets: -1, at: Self.start)
        short.observe(1, at: Self.start)
        #expect(short.quantiles([0.5], at: Self.seconds(1))[0].isNaN)
    }
}
