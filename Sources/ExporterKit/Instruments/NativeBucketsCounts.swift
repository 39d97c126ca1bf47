/// Counts by bucket index, in memory that follows the number of buckets and not how far apart they are.
///
/// A table with room for twice the buckets, where an index has its place by its last bits: buckets next to each other never
/// collide, and a bucket that did takes the next free place.
struct BucketCounts: Sendable, Equatable {
    private struct Place {
        var index = 0
        /// 0 if and only if the place is free.
        var count: UInt64 = 0
    }

    /// A power of two of them, or none.
    private var places: [Place] = []
    /// Number of buckets, none of them empty.
    private(set) var used = 0

    /// Counts one more observation in a bucket that is not empty.
    ///
    /// - Returns: `false` when the bucket is empty; it is as before then.
    @inline(__always)
    mutating func increment(_ index: Int) -> Bool {
        places.withUnsafeMutableBufferPointer { places in
            guard !places.isEmpty else { return false }
            let mask = places.count &- 1
            var place = index & mask
            while places[place].index != index || places[place].count == 0 {
                if places[place].count == 0 { return false }
                place = (place &+ 1) & mask
            }
            places[place].count &+= 1
            return true
        }
    }

    /// Adds observations to a bucket.
    ///
    /// - Parameter count: at least 1.
    /// - Returns: whether the bucket was empty.
    @discardableResult
    mutating func add(_ count: UInt64, to index: Int) -> Bool {
        if 2 * (used + 1) > places.count { grow() }
        let place = place(of: index)
        let isNew = places[place].count == 0
        if isNew { used += 1 }
        places[place].index = index
        places[place].count &+= count
        return isNew
    }

    /// Observations in a bucket.
    func count(of index: Int) -> UInt64 {
        places.isEmpty ? 0 : places[place(of: index)].count
    }

    /// The index of the lowest bucket.
    var lowest: Int? {
        places.lazy.filter { $0.count > 0 }.map(\.index).min()
    }

    /// All buckets by ascending index.
    var sorted: [(index: Int, count: UInt64)] {
        guard let lowest else { return [] }
        var buckets: [(index: Int, count: UInt64)] = []
        buckets.reserveCapacity(used)
        for offset in places.indices {
            let place = places[(lowest + offset) & (places.count - 1)]
            if place.count > 0 { buckets.append((place.index, place.count)) }
        }
        // From the place of the lowest on they are in order already, unless some collided; then sorting takes one pass.
        buckets.sort { $0.index < $1.index }
        return buckets
    }

    /// Takes the buckets up to an index out.
    ///
    /// - Returns: the observations in them.
    mutating func remove(through last: Int) -> UInt64 {
        var removed: UInt64 = 0
        rebuild { index, count in
            guard index <= last else { return index }
            removed &+= count
            return nil
        }
        return removed
    }

    /// Gives the buckets other indices; those with the same new one become one.
    mutating func reindex(_ newIndex: (Int) -> Int) {
        rebuild { index, _ in newIndex(index) }
    }

    /// Adds all buckets of another.
    mutating func add(_ other: BucketCounts) {
        for place in other.places where place.count > 0 { add(place.count, to: place.index) }
    }

    /// Empties all buckets; memory is kept.
    mutating func removeAll() {
        for place in places.indices { places[place].count = 0 }
        used = 0
    }

    static func == (one: BucketCounts, other: BucketCounts) -> Bool {
        one.sorted.elementsEqual(other.sorted, by: ==)
    }

    /// Where the index is, or the free place it would take. There is a free one always, because half of them are.
    private func place(of index: Int) -> Int {
        let mask = places.count - 1
        var place = index & mask
        while places[place].count > 0, places[place].index != index { place = (place + 1) & mask }
        return place
    }

    private mutating func grow() {
        let old = places
        places = Array(repeating: Place(), count: max(16, 2 * old.count))
        used = 0
        for place in old where place.count > 0 { add(place.count, to: place.index) }
    }

    private mutating func rebuild(_ newIndex: (Int, UInt64) -> Int?) {
        let old = places
        removeAll()
        for place in old where place.count > 0 {
            if let index = newIndex(place.index, place.count) { add(place.count, to: index) }
        }
    }
}
