internal import Synchronization

/// Which of several states something is in. Safe from any thread.
public final class StateSet: Instrument {
    /// All states, in the order of the series.
    public let states: [String]
    private let label: String
    private let current = Atomic<Int>(0)
    private let context: InstrumentContext?

    /// A state set that no registry exposes; `Registry.stateSet` makes exposed ones.
    ///
    /// - Parameters:
    ///   - name: of the metric, which is also the label that holds the state.
    ///   - states: the first one is the state at the beginning.
    public convenience init(_ name: String, states: [String]) {
        self.init(name, states, nil)
    }

    init(_ name: String, _ states: [String], _ context: InstrumentContext?) {
        self.states = states
        self.label = name
        self.context = context
    }

    /// Changes the state. One that is not among the states is ignored and reported.
    public func set(_ state: String) {
        guard let index = states.firstIndex(of: state) else {
            context?.report(.amount, "\(state) is none of the states \(states.joined(separator: ", "))")
            return
        }
        current.store(index, ordering: .relaxed)
    }

    /// The state now; `nil` when there is none at all.
    public var state: String? {
        let index = current.load(ordering: .relaxed)
        return states.indices.contains(index) ? states[index] : nil
    }

    /// `stateset`.
    public static var kind: MetricKind { .stateset }

    /// Index of the state, as a number; the series come from `write`.
    public func snapshot() -> SampleValue { .number(Double(current.load(ordering: .relaxed))) }

    /// Writes one series for each state.
    public func write(to writer: inout some SeriesWriter, _ labels: LabelBytes) {
        let current = current.load(ordering: .relaxed)
        let labels = LabelSet(bytes: Array(labels))
        for (index, state) in states.enumerated() {
            guard let series = labels.adding(label, state) else { continue }
            series.bytes.withUnsafeBufferPointer { writer.write(index == current ? UInt64(1) : 0, $0) }
        }
    }
}

/// Facts as labels. The value is always 1.
final class Info: Instrument {
    static var kind: MetricKind { .info }
    func snapshot() -> SampleValue { .number(1) }
}
