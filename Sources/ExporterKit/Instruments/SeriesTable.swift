internal import Glibc

/// The children of a family: found by hash, read in the order of their labels.
///
/// A value guarded by its family's lock. Adding and finding cost the same however many there are.
struct SeriesTable: Sendable {
    private static let free = UInt32.max
    private static let removed = UInt32.max - 1

    private var storage = SeriesStorage()
    /// Numbers of children in the storage, by hash. Its size is a power of two.
    private var slots: [UInt32] = []
    private var usedSlots = 0
    /// Numbers of children, by their labels.
    private var order: [UInt32] = []
    /// Numbers of children that came after `order` was made.
    private var fresh: [UInt32] = []

    /// Number of children.
    var count: Int { order.count + fresh.count }

    /// The child of these labels.
    func find(_ labels: LabelBytes, hash: UInt64) -> AnyObject? {
        slot(of: labels, UInt32(truncatingIfNeeded: hash)).map { storage[slots[$0]].instrument.takeUnretainedValue() }
    }

    /// Adds a child that is not there.
    mutating func add(_ labels: LabelBytes, hash: UInt64, _ instrument: AnyObject) {
        let number = storage.append(labels, hash: UInt32(truncatingIfNeeded: hash), instrument)
        fresh.append(number)
        if usedSlots >= slots.count / 2 { rebuildSlots() } else { insertSlot(number) }
    }

    /// Takes a child out; who holds it may go on using it.
    mutating func remove(_ labels: LabelBytes, hash: UInt64) {
        guard let slot = slot(of: labels, UInt32(truncatingIfNeeded: hash)) else { return }
        let number = slots[slot]
        slots[slot] = Self.removed
        if let index = fresh.lastIndex(of: number) {
            fresh.remove(at: index)
        } else {
            order.remove(at: place(of: number))
        }
        // What was taken out lies in the storage until there is more of it than of the rest.
        if Int(storage.count) > 2 * count + 256 { compact() }
    }

    mutating func removeAll() {
        self = SeriesTable()
    }

    /// All children: their numbers by labels, and where they lie.
    mutating func view() -> (storage: SeriesStorage, order: [UInt32]) {
        if !fresh.isEmpty { merge() }
        return (storage, order)
    }

    // MARK: - Order

    /// Puts the fresh ones among the others.
    private mutating func merge() {
        let reader = storage.reader
        fresh.sort { Self.precedes(reader[$0], reader[$1]) }
        var merged: [UInt32] = []
        merged.reserveCapacity(count)
        var taken = 0
        for number in fresh {
            let place = place(of: number, from: taken)
            merged += order[taken..<place]
            merged.append(number)
            taken = place
        }
        merged += order[taken...]
        order = merged
        fresh = []
    }

    /// Where a child is in `order`, or where it belongs.
    private func place(of number: UInt32, from first: Int = 0) -> Int {
        let entry = storage[number]
        var (low, high) = (first, order.count)
        while low < high {
            let middle = (low + high) / 2
            if Self.precedes(storage[order[middle]], entry) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func precedes(_ left: SeriesStorage.Entry, _ right: SeriesStorage.Entry) -> Bool {
        let order = memcmp(left.bytes, right.bytes, Int(min(left.length, right.length)))
        return order != 0 ? order < 0 : left.length < right.length
    }

    /// Leaves behind what was taken out.
    private mutating func compact() {
        if !fresh.isEmpty { merge() }
        let old = storage
        storage = SeriesStorage()
        order = order.map { number in
            let entry = old[number]
            return storage.append(entry.labels, hash: entry.hash, entry.instrument.takeUnretainedValue())
        }
        rebuildSlots()
    }

    // MARK: - Slots

    private func slot(of labels: LabelBytes, _ hash: UInt32) -> Int? {
        guard !slots.isEmpty else { return nil }
        let reader = storage.reader
        return slots.withUnsafeBufferPointer { slots in
            var position = Int(hash) & (slots.count - 1)
            while slots[position] != Self.free {
                if slots[position] != Self.removed {
                    let entry = reader[slots[position]]
                    if entry.hash == hash, Int(entry.length) == labels.count, entry.labels.hasSameBytes(as: labels) {
                        return position
                    }
                }
                position = (position + 1) & (slots.count - 1)
            }
            return nil
        }
    }

    private mutating func insertSlot(_ number: UInt32) {
        var position = Int(storage[number].hash) & (slots.count - 1)
        while slots[position] != Self.free { position = (position + 1) & (slots.count - 1) }
        slots[position] = number
        usedSlots += 1
    }

    /// Room for twice as many as there are; removed ones are forgotten.
    private mutating func rebuildSlots() {
        var size = 8
        while size < count * 3 { size *= 2 }
        slots = Array(repeating: Self.free, count: size)
        usedSlots = 0
        for number in order { insertSlot(number) }
        for number in fresh { insertSlot(number) }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Compares as many bytes as this has.
    @inline(__always) fileprivate func hasSameBytes(as other: Self) -> Bool {
        guard let left = baseAddress, let right = other.baseAddress else { return true }
        return memcmp(left, right, count) == 0
    }
}
