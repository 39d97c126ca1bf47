internal import Glibc
internal import Synchronization

/// Finds what was made for a label and dimensions before, as frameworks ask for it with every request: without allocating, and
/// without a lock that two threads share.
///
/// There are a few parts for each processor, each with entries of its own and, for a few nanoseconds, one user. A thread finds
/// the part of its number; where that is in use it gets no answer and asks the registry. Each part holds objects of its own,
/// because the reference count of a shared one is what threads would collide on.
///
/// Unchecked: a part is touched only by who holds it; the memory lives as long as this object.
package final class SeriesCache: @unchecked Sendable {
    private struct Entry {
        let hash: UInt64
        let kind: UInt8
        let label: String
        let dimensions: UnsafeMutableBufferPointer<(String, String)>
        let object: AnyObject
    }

    /// In memory of its own: an array would have its references counted with every look.
    private struct Part {
        private(set) var entries: UnsafeMutableBufferPointer<Entry>
        private(set) var count = 0
        /// Index of an entry plus one; 0 is free. A power of two, twice as many as entries may be.
        private(set) var slots: UnsafeMutableBufferPointer<UInt32>

        init(capacity: Int) {
            entries = .allocate(capacity: capacity)
            slots = .allocate(capacity: capacity * 2)
            slots.initialize(repeating: 0)
        }

        /// Adds an entry, and makes room for as many again where there is none.
        mutating func add(_ entry: Entry) {
            if count == entries.count { grow() }
            entries.initializeElement(at: count, to: entry)
            count += 1
            insert(count - 1)
        }

        private mutating func grow() {
            var larger = Part(capacity: entries.count * 2)
            for index in 0..<count {
                larger.entries.initializeElement(at: index, to: entries.moveElement(from: index))
                larger.insert(index)
            }
            larger.count = count
            entries.deallocate()
            slots.deallocate()
            self = larger
        }

        private func insert(_ index: Int) {
            var position = Int(truncatingIfNeeded: entries[index].hash) & (slots.count - 1)
            while slots[position] != 0 { position = (position + 1) & (slots.count - 1) }
            slots[position] = UInt32(index + 1)
        }

        /// Frees all; the part is not to be used again.
        func free() {
            for index in 0..<count {
                entries[index].dimensions.deinitialize().deallocate()
                entries.deinitializeElement(at: index)
            }
            entries.deallocate()
            slots.deallocate()
        }
    }

    private static let few = 8
    /// Further entries begin a part anew: a limit of series has been passed long before.
    private static let most = 16_384
    /// Bytes from what tells that a part is held to the part. Apart, because writing a field counts as an access to the whole.
    private static let head = 16
    private static let stride = (head + MemoryLayout<Part>.size + 127) & ~127
    private let memory: UnsafeMutableRawPointer
    private let mask: UInt32
    private let unhashed = ByteHash()

    /// An empty cache.
    package init() {
        let count = Processors.stripes
        memory = .allocate(byteCount: count * Self.stride, alignment: 128)
        mask = UInt32(count - 1)
        for number in 0...mask {
            part(number).initialize(to: Part(capacity: Self.few))
            Self.isHeld(part(number)).initialize(to: Atomic(false))
        }
    }

    deinit {
        for number in 0...mask {
            part(number).pointee.free()
            part(number).deinitialize(count: 1)
            Self.isHeld(part(number)).deinitialize(count: 1)
        }
        memory.deallocate()
    }

    /// What was stored for these.
    ///
    /// - Parameters:
    ///   - kind: tells objects of one label apart.
    ///   - dimensions: in the order in which the caller always gives them; another order is another entry.
    package func find(kind: UInt8, label: String, dimensions: [(String, String)]) -> AnyObject? {
        let part = part(ThreadNumber.current)
        let hash = self.hash(kind, label, dimensions)
        guard hold(part) else { return nil }
        defer { release(part) }
        let (slots, entries) = (part.pointee.slots, part.pointee.entries)
        var position = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[position] != 0 {
            let index = Int(slots[position] - 1)
            if entries[index].hash == hash, Self.isSame(entries, index, kind, label, dimensions) {
                return entries[index].object
            }
            position = (position + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Stores an object for these, for the calling thread and those that share its part.
    package func store(_ object: AnyObject, kind: UInt8, label: String, dimensions: [(String, String)]) {
        let part = part(ThreadNumber.current)
        guard hold(part) else { return }
        defer { release(part) }
        if part.pointee.count >= Self.most { Self.empty(part) }
        let kept = UnsafeMutableBufferPointer<(String, String)>.allocate(capacity: dimensions.count)
        _ = kept.initialize(from: dimensions)
        part.pointee.add(
            Entry(
                hash: hash(kind, label, dimensions), kind: kind, label: label, dimensions: kept, object: object))
    }

    /// Forgets everything.
    package func removeAll() {
        for number in 0...mask {
            let part = part(number)
            while !hold(part) { sched_yield() }
            Self.empty(part)
            release(part)
        }
    }

    // MARK: - Parts

    @inline(__always) private func part(_ number: UInt32) -> UnsafeMutablePointer<Part> {
        (memory + Int(number & mask) * Self.stride + Self.head).assumingMemoryBound(to: Part.self)
    }

    @inline(__always) private static func isHeld(
        _ part: UnsafeMutablePointer<Part>
    ) -> UnsafeMutablePointer<Atomic<Bool>> {
        (UnsafeMutableRawPointer(part) - head).assumingMemoryBound(to: Atomic<Bool>.self)
    }

    @inline(__always) private func hold(_ part: UnsafeMutablePointer<Part>) -> Bool {
        Self.isHeld(part).pointee.compareExchange(
            expected: false, desired: true, successOrdering: .acquiring, failureOrdering: .relaxed
        ).exchanged
    }

    @inline(__always) private func release(_ part: UnsafeMutablePointer<Part>) {
        Self.isHeld(part).pointee.store(false, ordering: .releasing)
    }

    private static func empty(_ part: UnsafeMutablePointer<Part>) {
        part.pointee.free()
        part.pointee = Part(capacity: few)
    }

    // MARK: - Keys

    @inline(__always) private func hash(
        _ kind: UInt8, _ label: String, _ dimensions: [(String, String)]
    ) -> UInt64 {
        var hash = unhashed
        hash.addBytes(of: label)
        dimensions.withUnsafeBytes { bytes in
            let words = bytes.assumingMemoryBound(to: StringWords.self)
            for index in words.indices {
                if words[index].lieInValue {
                    hash.mix(words[index].first, words[index].second)
                } else {
                    let pair = dimensions[index / 2]
                    hash = hash.adding(index % 2 == 0 ? pair.0 : pair.1)
                }
            }
        }
        return hash.value &+ UInt64(kind)
    }

    @inline(__always) private static func isSame(
        _ entries: UnsafeMutableBufferPointer<Entry>, _ index: Int, _ kind: UInt8, _ label: String,
        _ dimensions: [(String, String)]
    ) -> Bool {
        guard entries[index].kind == kind, entries[index].dimensions.count == dimensions.count,
            entries[index].label == label
        else { return false }
        // Strings of the same bits are the same; others may be.
        let own = UnsafeRawBufferPointer(entries[index].dimensions)
        let areSameBits = dimensions.withUnsafeBytes { own.elementsEqualInMemory($0) }
        return areSameBits || areEqual(entries[index].dimensions, dimensions)
    }

    @inline(never) private static func areEqual(
        _ left: UnsafeMutableBufferPointer<(String, String)>, _ right: [(String, String)]
    ) -> Bool {
        left.elementsEqual(right) { $0 == $1 }
    }
}

/// The two words that a string is on 64-bit systems.
///
/// Text of up to 15 bytes lies in them. Were the layout another, hashes would differ more often than texts, and what is not
/// found is asked from the registry.
private struct StringWords {
    let first: UInt64
    let second: UInt64

    @inline(__always) var lieInValue: Bool { second & 1 &<< 61 != 0 }
}

extension UnsafeRawBufferPointer {
    /// Compares as many bytes as this has.
    @inline(__always) fileprivate func elementsEqualInMemory(_ other: Self) -> Bool {
        guard let left = baseAddress, let right = other.baseAddress else { return true }
        return memcmp(left, right, count) == 0
    }
}

extension ByteHash {
    /// The hash with a string added. It gives a new value, so that the old one need not lie in memory for it.
    @inline(never) fileprivate func adding(_ text: String) -> ByteHash {
        var hash = self
        hash.addBytes(of: text)
        return hash
    }

    /// Adds the UTF-8 of a string.
    @inline(__always) fileprivate mutating func addBytes(of text: String) {
        var copy = self
        let isContiguous: Void? = text.utf8.withContiguousStorageIfAvailable { copy.add($0) }
        if isContiguous == nil { Array(text.utf8).withUnsafeBufferPointer { copy.add($0) } }
        self = copy
    }
}
