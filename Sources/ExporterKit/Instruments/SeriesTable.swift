internal import CExporterKit
internal import Glibc

/// The children of a family: label bytes and instruments side by side, found by hash, read in the order of their labels.
///
/// A value guarded by its family's lock. Adding and finding cost the same however many there are.
///
/// Unchecked: its pointers lead into a slab that it keeps alive and whose bytes never change.
struct SeriesTable<I: Instrument>: @unchecked Sendable {
    /// Label bytes of one child.
    struct Entry {
        let bytes: UnsafePointer<UInt8>
        let length: UInt32
        let hash: UInt32

        var labels: LabelBytes { LabelBytes(start: bytes, count: Int(length)) }
    }

    private static var free: UInt32 { .max }
    private static var removed: UInt32 { .max - 1 }

    private var slab = LabelSlab()
    private var entries: [Entry] = []
    private var instruments: [I] = []
    private var slots: [UInt32] = []
    private var occupied = 0
    private var isSorted = true
    private var lastView: SeriesView<I>?

    var count: Int { entries.count }

    /// The child of these labels.
    func find(_ labels: LabelBytes, hash: UInt64) -> I? {
        slot(of: labels, UInt32(truncatingIfNeeded: hash)).map { instruments[Int(slots[$0])] }
    }

    /// Adds a child that is not there.
    mutating func add(_ labels: LabelBytes, hash: UInt64, _ instrument: I) {
        lastView = nil
        isSorted = false
        let hash = UInt32(truncatingIfNeeded: hash)
        entries.append(Entry(bytes: slab.append(labels), length: UInt32(labels.count), hash: hash))
        instruments.append(instrument)
        if occupied >= slots.count / 2 { rebuildSlots() } else { insertSlot(UInt32(entries.count - 1), hash) }
    }

    /// Takes a child out; who holds it may go on using it.
    mutating func remove(_ labels: LabelBytes, hash: UInt64) {
        guard let slot = slot(of: labels, UInt32(truncatingIfNeeded: hash)) else { return }
        lastView = nil
        isSorted = false
        let index = Int(slots[slot])
        slots[slot] = Self.removed
        let last = entries.count - 1
        if index != last, let moved = self.slot(of: entries[last].labels, entries[last].hash) {
            slots[moved] = UInt32(index)
            entries.swapAt(index, last)
            instruments.swapAt(index, last)
        }
        entries.removeLast()
        instruments.removeLast()
    }

    mutating func removeAll() {
        self = SeriesTable()
    }

    /// All children, by labels; the same object until the table changes.
    mutating func view() -> SeriesView<I> {
        if let lastView { return lastView }
        if !isSorted { sort() }
        let view = SeriesView(slab, entries, instruments)
        lastView = view
        return view
    }

    // MARK: - Order

    /// Sorts by labels and lays the bytes out in that order, so that a scrape reads memory from front to back.
    private mutating func sort() {
        let order = entries.indices.sorted { precedes(entries[$0], entries[$1]) }
        let laidOut = LabelSlab()
        entries = order.map { index in
            let entry = entries[index]
            return Entry(bytes: laidOut.append(entry.labels), length: entry.length, hash: entry.hash)
        }
        instruments = order.map { instruments[$0] }
        slab = laidOut
        isSorted = true
        rebuildSlots()
    }

    private func precedes(_ left: Entry, _ right: Entry) -> Bool {
        let order = memcmp(left.bytes, right.bytes, Int(min(left.length, right.length)))
        return order != 0 ? order < 0 : left.length < right.length
    }

    // MARK: - Slots

    private func slot(of labels: LabelBytes, _ hash: UInt32) -> Int? {
        guard !slots.isEmpty else { return nil }
        var position = Int(hash) & (slots.count - 1)
        while slots[position] != Self.free {
            let index = slots[position]
            if index != Self.removed {
                let entry = entries[Int(index)]
                if entry.hash == hash, Int(entry.length) == labels.count,
                    entry.labels.elementsAreEqual(labels)
                {
                    return position
                }
            }
            position = (position + 1) & (slots.count - 1)
        }
        return nil
    }

    private mutating func insertSlot(_ index: UInt32, _ hash: UInt32) {
        var position = Int(hash) & (slots.count - 1)
        while slots[position] != Self.free { position = (position + 1) & (slots.count - 1) }
        slots[position] = index
        occupied += 1
    }

    /// Room for twice as many as there are; removed ones are forgotten.
    private mutating func rebuildSlots() {
        var size = 8
        while size < entries.count * 4 { size *= 2 }
        slots = Array(repeating: Self.free, count: size)
        occupied = 0
        for (index, entry) in entries.enumerated() { insertSlot(UInt32(index), entry.hash) }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Compares as many bytes as this has.
    @inline(__always) fileprivate func elementsAreEqual(_ other: Self) -> Bool {
        guard let left = baseAddress, let right = other.baseAddress else { return true }
        return memcmp(left, right, count) == 0
    }
}

/// The children of a family as of one moment, read while they go on counting.
///
/// Unchecked: nothing in it changes; it keeps the slab and the instruments alive.
final class SeriesView<I: Instrument>: LiveSeries, @unchecked Sendable {
    private let slab: LabelSlab
    private let entries: [SeriesTable<I>.Entry]
    private let instruments: [I]

    init(_ slab: LabelSlab, _ entries: [SeriesTable<I>.Entry], _ instruments: [I]) {
        self.slab = slab
        self.entries = entries
        self.instruments = instruments
    }

    private static var fetchedAhead: Int { 12 }

    var count: Int { entries.count }
    var lines: Int { entries.count * linesEach }
    var labelBytes: Int { slab.count * linesEach }

    /// The instruments of a family are alike.
    private var linesEach: Int {
        switch instruments.first {
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
        entries.withUnsafeBufferPointer { entries in
            instruments.withUnsafeBytes { bytes in
                // The array keeps the instruments alive: counting references would write to each of them. They lie anywhere in
                // memory, so the next ones are fetched while this one is written.
                let instruments = bytes.bindMemory(to: Unmanaged<I>.self)
                for index in entries.indices {
                    let ahead = min(index &+ Self.fetchedAhead, entries.count &- 1)
                    CExporterKit_prefetch(instruments[ahead].toOpaque())
                    instruments[index]._withUnsafeGuaranteedRef { $0.write(to: &writer, entries[index].labels) }
                }
            }
        }
    }
}
