internal import CExporterKit

/// The children of a family as of one moment, read while they go on counting.
///
/// Unchecked: nothing in it changes, and it keeps the storage alive.
final class SeriesView<I: Instrument>: LiveSeries, @unchecked Sendable {
    private let storage: SeriesStorage
    private let reader: SeriesStorage.Reader
    private let order: [UInt32]
    let labelBytes: Int

    /// - Parameter order: numbers in the storage.
    init(_ storage: SeriesStorage, _ order: [UInt32]) {
        self.storage = storage
        self.order = order
        reader = storage.reader
        let lines = order.first.map { Self.lines(of: storage[$0].instrument.takeUnretainedValue()) } ?? 0
        self.lines = order.count * lines
        labelBytes = storage.labelBytes * lines
    }

    var count: Int { order.count }
    let lines: Int

    /// The instruments of a family are alike.
    private static func lines(of instrument: AnyObject) -> Int {
        switch instrument {
        case let histogram as Histogram: histogram.upperBounds.count + 4
        case let histogram as GaugeHistogram: histogram.upperBounds.count + 4
        case let states as StateSet: 2 * states.states.count
        case is Summary: 12
        default: 1
        }
    }

    @_specialize(where I == Counter, W == TextWriter)
    @_specialize(where I == Gauge, W == TextWriter)
    @_specialize(where I == Histogram, W == TextWriter)
    func write<W: SeriesWriter>(to writer: inout W) {
        order.withUnsafeBufferPointer { order in
            // Children lie anywhere in memory, so the next ones are fetched while this one is written: first where an entry
            // is, then what it leads to. Nothing counts references: that would write to each of them.
            let last = order.count &- 1
            for index in order.indices {
                CExporterKit_prefetch(reader.address(of: order[min(index &+ 24, last)]))
                let soon = reader[order[min(index &+ 12, last)]]
                CExporterKit_prefetch(soon.instrument.toOpaque())
                CExporterKit_prefetch(soon.bytes)
                CExporterKit_prefetch(soon.bytes + Int(soon.length))
                let entry = reader[order[index]]
                // Only instruments of this type were added.
                Unmanaged<I>.fromOpaque(entry.instrument.toOpaque())._withUnsafeGuaranteedRef {
                    $0.write(to: &writer, entry.labels)
                }
            }
        }
    }
}
