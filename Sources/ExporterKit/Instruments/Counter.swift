internal import Synchronization

/// A sum that only grows. Safe from any thread, without a lock.
///
/// The first thread that adds owns a cell that it alone writes, which costs less than an atomic addition. What others add goes
/// into a second cell, and once two threads were seen to add at the same time, into one of several for each processor. The
/// value is the sum of all cells.
public final class Counter: Instrument {
    private let owner = Atomic<UInt32>(ThreadNumber.nobody)
    private let whole = Atomic<UInt64>(0)
    private let fraction = Atomic<UInt64>(0)
    private let spread = Atomic<UInt>(0)
    private let more = LazyMemory<CounterMore>()
    private let context: InstrumentContext?

    /// Larger amounts are added as floating point, so that the whole part can never wrap.
    private static let largestWhole = Double(UInt32.max)

    /// A counter at zero that no registry exposes; `Registry.counter` makes exposed ones.
    public convenience init() {
        self.init(nil)
    }

    init(_ context: InstrumentContext?) {
        self.context = context
        if let created = context?.creationTime() { extended.pointee.begin(at: created) }
    }

    /// Adds one.
    public func increment() {
        add(1)
    }

    /// Adds a whole number.
    ///
    /// - Parameter amount: not negative; a negative amount is ignored and reported, because a counter must never go back.
    public func increment(by amount: Int) {
        guard amount >= 0 else { return refuse(Double(amount)) }
        if amount <= UInt32.max { add(UInt64(amount)) } else { add(fraction: Double(amount)) }
    }

    /// Adds to the counter.
    ///
    /// - Parameter amount: finite and not negative; anything else is ignored and reported.
    public func increment(by amount: Double) {
        guard amount >= 0, amount.isFinite else { return refuse(amount) }
        if amount <= Self.largestWhole, amount == amount.rounded(.towardZero) {
            add(UInt64(amount))
        } else {
            add(fraction: amount)
        }
    }

    /// Adds to the counter and keeps labels that lead to this increment, such as a trace id; the latest are exposed.
    ///
    /// - Parameter exemplar: at most 128 characters in all; a longer or empty set counts without one and is reported.
    public func increment(by amount: Double = 1, exemplar: LabelSet) {
        increment(by: amount)
        guard let exemplar = Exemplar(amount, labels: exemplar, timestamp: WallClock.now) else {
            context?.report(.exemplar, "an exemplar needs labels of 1...\(Exemplar.mostCharacters) characters in all")
            return
        }
        extended.pointee.keep(exemplar)
    }

    /// The sum so far.
    public var value: Double {
        let sums = sums
        return Double(sums.whole) + sums.fraction
    }

    /// Begins at zero again, as after a restart of the process.
    public func reset() {
        let more = extended
        more.pointee.reset(to: sums(with: more.pointee.guests.sums), at: context?.creationTime())
    }

    /// `counter`.
    public static var kind: MetricKind { .counter }

    /// The value now; concurrent changes are in it or not.
    public func snapshot() -> SampleValue {
        guard let more = more.ifMade else { return .number(value) }
        return more.pointee.annotated(value) ?? .number(value)
    }

    /// Writes the value now.
    public func write(to writer: inout some SeriesWriter, _ labels: LabelBytes) {
        if let more = more.ifMade,
            let value = more.pointee.annotated(self.value)
        {
            return writer.write(value, labels)
        }
        let sums = sums
        if sums.fraction == 0 {
            writer.write(sums.whole, labels)
        } else {
            writer.write(Double(sums.whole) + sums.fraction, labels)
        }
    }

    // MARK: - Cells

    @inline(__always) private func add(_ amount: UInt64) {
        let thread = ThreadNumber.known
        if owner.load(ordering: .relaxed) == thread {
            whole.store(whole.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
        } else {
            let spread = GuestCells.Spread(word: spread.load(ordering: .acquiring))
            if !spread.add(amount, from: thread) { addAsGuest(amount) }
        }
    }

    @inline(never) private func addAsGuest(_ amount: UInt64) {
        let thread = ThreadNumber.current
        guard !owns(thread) else { return add(amount) }
        let before = whole.load(ordering: .relaxed)
        let more = extended
        let isAlone = more.pointee.guests.add(amount, from: thread)
        if !isAlone || whole.load(ordering: .relaxed) != before { share(more) }
    }

    @inline(never) private func add(fraction amount: Double) {
        let thread = ThreadNumber.current
        let before = fraction.load(ordering: .relaxed)
        guard !owns(thread) else {
            return fraction.store((Double(bitPattern: before) + amount).bitPattern, ordering: .relaxed)
        }
        let more = extended
        let isAlone = more.pointee.guests.add(amount, from: thread)
        if !isAlone || fraction.load(ordering: .relaxed) != before { share(more) }
    }

    /// Threads add at the same time: from now on nobody writes the owner's cell, which lies beside what all must read.
    private func share(_ more: UnsafeMutablePointer<CounterMore>) {
        spread.store(more.pointee.guests.widen().word, ordering: .releasing)
        owner.store(ThreadNumber.everybody, ordering: .relaxed)
    }

    /// True when the thread owns the cell, which the first one that asks does from then on.
    private func owns(_ thread: UInt32) -> Bool {
        let present = owner.load(ordering: .relaxed)
        guard present == ThreadNumber.nobody else { return present == thread }
        return owner.compareExchange(expected: ThreadNumber.nobody, desired: thread, ordering: .relaxed).exchanged
    }

    private var sums: (whole: UInt64, fraction: Double) {
        guard let more = more.ifMade else { return sums(with: (0, 0)) }
        return more.pointee.sinceReset(sums(with: more.pointee.guests.sums))
    }

    private func sums(with guests: (whole: UInt64, fraction: Double)) -> (whole: UInt64, fraction: Double) {
        (
            whole.load(ordering: .relaxed) &+ guests.whole,
            Double(bitPattern: fraction.load(ordering: .relaxed)) + guests.fraction
        )
    }

    private var extended: UnsafeMutablePointer<CounterMore> { more.made { CounterMore() } }

    private func refuse(_ amount: Double) {
        context?.report(.amount, "a counter cannot be incremented by \(amount); the increment was ignored")
    }
}

/// What few counters need: cells of further threads, an exemplar, a time of creation, a reset.
private struct CounterMore: ~Copyable, Sendable {
    let guests = GuestCells()
    private let notes = Mutex(Notes())

    private struct Notes {
        var exemplar: Exemplar?
        var created: Double?
        var resetAt: (whole: UInt64, fraction: Double) = (0, 0)
    }

    func begin(at created: Double) {
        notes.withLock { $0.created = created }
    }

    func keep(_ exemplar: Exemplar) {
        notes.withLock { $0.exemplar = exemplar }
    }

    func reset(to sums: (whole: UInt64, fraction: Double), at created: Double?) {
        notes.withLock { $0 = Notes(exemplar: nil, created: created, resetAt: sums) }
    }

    func sinceReset(_ sums: (whole: UInt64, fraction: Double)) -> (whole: UInt64, fraction: Double) {
        let reset = notes.withLock { $0.resetAt }
        return (sums.whole &- reset.whole, sums.fraction - reset.fraction)
    }

    func annotated(_ value: Double) -> SampleValue? {
        notes.withLock { notes in
            guard notes.exemplar != nil || notes.created != nil else { return nil }
            return .counter(CounterSnapshot(value, exemplar: notes.exemplar, created: notes.created))
        }
    }
}
