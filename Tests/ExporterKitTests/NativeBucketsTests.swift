import Foundation
import Testing

@testable import ExporterKit

@Suite struct NativeBucketsTests {
    private static let start = ContinuousClock.now

    @Test(arguments: try NativeModel.scenarios())
    func endsAsTheModelDoes(scenario: NativeModel.Scenario) throws {
        var resets = 0
        var shards = scenario.shards.map { observations in
            var shard = NativeBuckets(scenario.options, at: Self.start)
            for (value, seconds) in observations {
                resets += shard.observe(value, at: Self.start.advanced(by: .seconds(seconds))) ? 1 : 0
            }
            return shard
        }
        var total = shards.removeFirst()
        for shard in shards { total.merge(shard) }
        #expect(NativeModel.Result(total.snapshot(), resets: resets) == scenario.result)
    }

    @Test func theModelHasEnoughScenariosAndPrintsThemAgain() throws {
        let text = try NativeModel.text()
        let scenarios = try NativeModel.scenarios()
        #expect(scenarios.count >= 60)
        guard let printed = try NativeModel.run() else { return }
        #expect(printed == text, "native-histograms.txt is not what native-model.py prints")
    }

    /// Bounds are rounded down: with them, and only with them, comparing doubles is exact.
    @Test func boundsAreTheLargestDoublesBelowTheRealOnes() throws {
        let finest = BucketScale(schema: 8)
        let bounds = try NativeModel.bounds()
        #expect(bounds.count == 256)
        for (index, bound) in bounds.enumerated() {
            #expect(finest.upperBound(of: index) == bound)
            #expect(finest.index(of: bound) == index)
            #expect(finest.index(of: bound.nextUp) == index + 1)
        }
    }

    @Test func indicesAreExactNextToBoundsAndAtTheEdges() throws {
        let lines = try NativeModel.indices()
        #expect(lines.map(\.schema) == Array(-4...8))
        for (schema, expected) in lines {
            let scale = BucketScale(schema: schema)
            for (value, index) in expected {
                #expect(scale.index(of: value) == index, "\(value) at schema \(schema)")
            }
        }
    }

    @Test func everyMagnitudeIsBetweenTheBoundsOfItsBucket() {
        var random = SystemRandomNumberGenerator()
        for schema in NativeHistogramOptions.schemas {
            let scale = BucketScale(schema: schema)
            for _ in 0..<2000 {
                let value = Double(bitPattern: random.next()).magnitude
                guard value.isFinite, value > 0 else { continue }
                let index = scale.index(of: value)
                #expect(value <= scale.upperBound(of: index))
                #expect(value > scale.upperBound(of: index - 1))
            }
        }
    }

    @Test func noObservationIsLostAndTheLimitIsKept() {
        var random = SystemRandomNumberGenerator()
        for round in 0..<60 {
            let options = NativeHistogramOptions(
                schema: .random(in: -4...8), maxBuckets: 280 + round, maxZeroThreshold: round % 2 == 0 ? 1 : 0)
            var buckets = NativeBuckets(options, at: Self.start)
            for _ in 0..<2000 {
                let value = Double(bitPattern: random.next())
                buckets.observe(value.isNaN ? .infinity : value, at: Self.start)
            }
            let snapshot = buckets.snapshot()
            #expect(snapshot.count == 2000)
            #expect(snapshot.positive.count + snapshot.negative.count <= options.maxBuckets)
        }
    }

    @Test func mergedShardsAreAsOneThatSawEverything() {
        var random = SystemRandomNumberGenerator()
        for schema in NativeHistogramOptions.schemas {
            let options = NativeHistogramOptions(schema: schema, maxBuckets: 0)
            var shards = (0..<3).map { _ in NativeBuckets(options, at: Self.start) }
            var one = NativeBuckets(options, at: Self.start)
            for _ in 0..<3000 {
                let value = Double.random(in: -1...1, using: &random) * 10
                shards[.random(in: 0..<3, using: &random)].observe(value, at: Self.start)
                one.observe(value, at: Self.start)
            }
            shards[0].merge(shards[1])
            shards[0].merge(shards[2])
            #expect(shards[0].snapshot() == one.snapshot())
        }
    }

    @Test(arguments: -4...7)
    func halvedBucketsAreThoseOfTheCoarserSchema(schema: Int) {
        var random = SystemRandomNumberGenerator()
        var fine = NativeBuckets(NativeHistogramOptions(schema: 8, maxBuckets: 0), at: Self.start)
        var coarse = NativeBuckets(NativeHistogramOptions(schema: schema, maxBuckets: 0), at: Self.start)
        let empty = coarse
        for _ in 0..<3000 {
            let value = Double(bitPattern: random.next())
            fine.observe(value, at: Self.start)
            coarse.observe(value, at: Self.start)
        }
        fine.merge(empty)
        #expect(fine.snapshot() == coarse.snapshot())
    }

    @Test func aResetIsDueWhenResolutionWasLostLongEnoughAgo() {
        let options = NativeHistogramOptions(schema: 3, maxBuckets: 2, minResetDuration: .seconds(60))
        var buckets = NativeBuckets(options, at: Self.start)
        buckets.observe(1, at: Self.start)
        buckets.observe(2, at: Self.start)
        #expect(!buckets.isResetDue(at: Self.start.advanced(by: .seconds(60))))
        buckets.observe(3, at: Self.start)
        #expect(!buckets.isResetDue(at: Self.start.advanced(by: .seconds(59))))
        let later = Self.start.advanced(by: .seconds(60))
        #expect(buckets.isResetDue(at: later))
        buckets.reset(at: later)
        #expect(!buckets.isResetDue(at: later))
        #expect(buckets.snapshot() == NativeBuckets(options, at: later).snapshot())
    }

    @Test func theClockIsReadOnlyWhenTheLimitIsHit() {
        var readings = 0
        func now() -> ContinuousClock.Instant {
            readings += 1
            return Self.start
        }
        var buckets = NativeBuckets(NativeHistogramOptions(schema: 0, maxBuckets: 3), at: Self.start)
        for value: Double in [0, 1, -1, 1, .nan, 2, 2] { buckets.observe(value, at: now()) }
        #expect(readings == 0)
        buckets.observe(.infinity, at: now())
        #expect(readings == 1)
    }

    /// Factors and schemas of client_golang's documentation and tests.
    @Test(arguments: [
        (1.1, 3), (1.2, 2), (1.5, 1), (2, 0), (4, -1), (1.05, 4), (1.01, 7), (1.005, 8), (65_536, -4), (1e300, -4),
        (1.00001, 8), (1, 8), (0, 8), (-3, 8), (.infinity, -4), (.nan, 8),
    ])
    func factorGivesTheCoarsestSchemaThatDoesNotExceedIt(factor: Double, schema: Int) {
        #expect(NativeHistogramOptions(bucketFactor: factor).schema == schema)
    }

    @Test func optionsOutOfRangeAreBroughtIntoIt() {
        let options = NativeHistogramOptions(
            schema: 99, zeroThreshold: .nan, maxBuckets: -1, minResetDuration: .seconds(-1), maxZeroThreshold: .infinity
        )
        #expect(options.schema == 8)
        #expect(options.zeroThreshold == 0)
        #expect(options.maxBuckets == 0)
        #expect(options.maxZeroThreshold == .greatestFiniteMagnitude)
        #expect(NativeHistogramOptions(schema: .min, zeroThreshold: -1).schema == -4)
        var buckets = NativeBuckets(
            NativeHistogramOptions(schema: 8, zeroThreshold: .infinity, maxBuckets: 1), at: Self.start)
        for value: Double in [1, -.infinity, .infinity, 0, .greatestFiniteMagnitude] {
            buckets.observe(value, at: Self.start)
        }
        #expect(buckets.snapshot().zeroCount == 3)
        #expect(buckets.snapshot().count == 5)
    }
}
