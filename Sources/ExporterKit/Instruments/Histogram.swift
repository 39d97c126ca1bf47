internal import Synchronization

/// Counts observations in buckets and sums them. Safe from any thread; sum, count and buckets of a scrape always agree.
public final class Histogram: Instrument {
    /// What divides the observations.
    public let buckets: HistogramBuckets
    /// Upper bounds of the classic buckets, inclusive, ascending, without `+Inf`.
    public var upperBounds: [Double] { buckets.upperBounds }

    private let shards: HistogramShards
    private let notes: Mutex<Notes>
    private let context: InstrumentContext?

    private struct Notes {
        var classic: [Exemplar?] = []
        var native = NativeExemplars()
        var created: Double?
    }

    /// A histogram that no registry exposes; `Registry.histogram` makes exposed ones.
    public convenience init(_ buckets: HistogramBuckets = .webLatency) {
        self.init(buckets, nil)
    }

    init(_ buckets: HistogramBuckets, _ context: InstrumentContext?) {
        self.buckets = buckets
        self.context = context
        shards = HistogramShards(width: buckets.upperBounds.count + 1, native: buckets.native)
        notes = Mutex(Notes(created: context?.creationTime()))
    }

    /// Counts one observation, in the metric's unit. NaN is ignored and reported: it would make the sum useless for ever.
    public func observe(_ value: Double) {
        guard !value.isNaN else { return refuse() }
        let bucket = bucket(of: value)
        guard buckets.native == nil else { return observeNatively(value, bucket) }
        shards.withShard { shard in
            shard.pointee.sum += value
            shards.counts(of: shard)[bucket] &+= 1
        }
    }

    @inline(never) private func observeNatively(_ value: Double, _ bucket: Int) {
        var startedOver: UnsafeMutablePointer<HistogramShards.Shard>?
        shards.withShard { shard in
            // To make room, native buckets may throw away all that was before this value. Then the rest goes too.
            if shard.pointee.native?.observe(value, at: .now) ?? false {
                shards.clearClassic(shard)
                startedOver = shard
            }
            shard.pointee.sum += value
            shards.counts(of: shard)[bucket] &+= 1
        }
        if let startedOver { notes.withLock { startOver(&$0, keeping: startedOver) } }
    }

    /// Begins at zero again, as after a restart of the process.
    private func startOver(_ notes: inout Notes, keeping kept: UnsafeMutablePointer<HistogramShards.Shard>? = nil) {
        shards.forEach { shard in
            guard shard != kept else { return }
            shards.clearClassic(shard)
            shard.pointee.native?.reset(at: .now)
        }
        notes = Notes(created: context?.creationTime())
    }

    /// Counts a duration, in seconds. A negative one, as clocks that were set back give, counts as 0 and is reported.
    public func observe(_ duration: Duration) {
        if duration < .zero { context?.report(.amount, "a duration cannot be negative; it was counted as 0") }
        observe(max(0, duration.seconds))
    }

    /// Counts one observation and keeps labels that lead to it, such as a trace id.
    ///
    /// - Parameter exemplar: at most 128 characters in all; a longer or empty set counts without one and is reported.
    public func observe(_ value: Double, exemplar: LabelSet) {
        observe(value)
        guard let exemplar = Exemplar(value, labels: exemplar, timestamp: WallClock.now) else {
            context?.report(.exemplar, "an exemplar needs labels of 1...\(Exemplar.mostCharacters) characters in all")
            return
        }
        let bucket = bucket(of: value)
        notes.withLock { notes in
            if notes.classic.isEmpty { notes.classic = Array(repeating: nil, count: upperBounds.count + 1) }
            notes.classic[bucket] = exemplar
            if buckets.native != nil { notes.native.keep(exemplar) }
        }
    }

    /// `histogram`.
    public static var kind: MetricKind { .histogram }

    /// The value now; each concurrent observation is in it wholly or not at all.
    public func snapshot() -> SampleValue {
        notes.withLock { notes in
            var result = SampleValue.number(.nan)
            var isResetDue = false
            withTotals { counts, sum, native in
                guard
                    var snapshot = HistogramSnapshot(
                        upperBounds: upperBounds, counts: Array(counts), sum: sum)
                else { return }
                snapshot.exemplars = notes.classic
                snapshot.created = notes.created
                snapshot.native = native?.snapshot(exemplars: notes.native.byValue)
                result = .histogram(snapshot)
                if native?.isResetDue(at: .now) ?? false { isResetDue = true }
            }
            if isResetDue { startOver(&notes) }
            return result
        }
    }

    /// Writes the value now; allocates nothing for classic buckets without exemplars.
    public func write(to writer: inout some SeriesWriter, _ labels: LabelBytes) {
        let isPlain = buckets.native == nil && notes.withLock { $0.classic.isEmpty && $0.created == nil }
        guard isPlain else { return writer.write(snapshot(), labels) }
        upperBounds.withUnsafeBufferPointer { bounds in
            withTotals { counts, sum, _ in
                writer.write(ClassicHistogramView(upperBounds: bounds, counts: counts, sum: sum), labels)
            }
        }
    }

    /// Adds up the shards.
    private func withTotals(_ use: (UnsafeBufferPointer<UInt64>, Double, NativeBuckets?) -> Void) {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: shards.width) { totals in
            totals.initialize(repeating: 0)
            var sum = 0.0
            var native: NativeBuckets?
            shards.forEach { shard in
                let counts = shards.counts(of: shard)
                for index in 0..<totals.count { totals[index] &+= counts[index] }
                sum += shard.pointee.sum
                if let own = shard.pointee.native {
                    if native == nil { native = own } else { native?.merge(own) }
                }
            }
            use(UnsafeBufferPointer(totals), sum, native)
        }
    }

    private func refuse() {
        context?.report(.amount, "NaN cannot be observed; it was ignored")
    }

    // MARK: - Buckets

    /// Index of the first bound that is not below the value.
    @inline(__always) private func bucket(of value: Double) -> Int {
        buckets.upperBounds.withUnsafeBufferPointer { bounds in
            // Counting is faster than searching while the bounds fit into a few cache lines: it has no branch to mispredict.
            if bounds.count <= 24 {
                var index = 0
                // The sign of the difference: the compiler makes a jump of a comparison, and these are mispredicted.
                for bound in bounds { index &+= Int(truncatingIfNeeded: (bound - value).bitPattern &>> 63) }
                return index
            }
            var (low, high) = (0, bounds.count)
            while low < high {
                let middle = (low &+ high) / 2
                if bounds[middle] < value { low = middle &+ 1 } else { high = middle }
            }
            return low
        }
    }
}
