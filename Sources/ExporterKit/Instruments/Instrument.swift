/// Something that measures and can be read at any time.
public protocol Instrument: AnyObject, Sendable {
    /// Kind of the families made of it.
    static var kind: MetricKind { get }
    /// The value now.
    func snapshot() -> SampleValue
    /// Writes the value now, without making a value first where that is possible.
    func write(to writer: inout some SeriesWriter, _ labels: LabelBytes)
}

extension Instrument {
    /// Writes the snapshot.
    public func write(to writer: inout some SeriesWriter, _ labels: LabelBytes) {
        writer.write(snapshot(), labels)
    }
}

/// What an instrument knows of the family it belongs to.
package final class InstrumentContext: Sendable {
    private let metric: String
    private let ledger: MisuseLedger
    private let tellsCreation: Bool

    init(_ metric: String, _ ledger: MisuseLedger, tellsCreation: Bool) {
        self.metric = metric
        self.ledger = ledger
        self.tellsCreation = tellsCreation
    }

    /// The time now, where the registry exposes times of creation.
    func creationTime() -> Double? { tellsCreation ? WallClock.now : nil }

    func report(_ reason: MetricMisuse.Reason, _ text: @autoclosure () -> String) {
        ledger.note(metric, reason, text())
    }
}
