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
        let dimensions: [(String, String)]
        let object: AnyObject
    }

    private struct Part {
        var entries: [Entry] = []
        /// Index of an entry plus one; 0 is free. A power of two, at least twice as many as entries.
        var slots: [UInt32] = Array(repeating: 0, count: 16)
    }

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
            part(number).initialize(to: Part())
            Self.isHeld(part(number)).initialize(to: Atomic(false))
        }
    }

    deinit {
        for number in 0...mask {
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
        return part.pointee.slots.withUnsafeBufferPointer { slots in
            part.pointee.entries.withUnsafeBufferPointer { entries in
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
        }
    }

    /// Stores an object for these, for the calling thread and those that share its part.
    package func store(_ object: AnyObject, kind: UInt8, label: String, dimensions: [(String, String)]) {
        let part = part(ThreadNumber.current)
        guard hold(part) else { return }
        defer { release(part) }
        if part.pointee.entries.count >= Self.most { Self.empty(part) }
        let hash = self.hash(kind, label, dimensions)
        part.pointee.entries.append(
            Entry(hash: hash, kind: kind, label: label, dimensions: dimensions, object: object))
        if part.pointee.entries.count * 2 > part.pointee.slots.count {
            part.pointee.slots = Array(repeating: 0, count: part.pointee.slots.count * 2)
            for index in part.pointee.entries.indices { Self.insert(index, part) }
        } else {
            Self.insert(part.pointee.entries.count - 1, part)
        }
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
        part.pointee.entries = []
        part.pointee.slots = Array(repeating: 0, count: 16)
    }

    private static func insert(_ index: Int, _ part: UnsafeMutablePointer<Part>) {
        let mask = part.pointee.slots.count - 1
        var position = Int(truncatingIfNeeded: part.pointee.entries[index].hash) & mask
        while part.pointee.slots[position] != 0 { position = (position + 1) & mask }
        part.pointee.slots[position] = UInt32(index + 1)
    }

    // MARK: - Keys

    @inline(__always) private func hash(
        _ kind: UInt8, _ label: String, _ dimensions: [(String, String)]
    ) -> UInt64 {
        var hash = unhashed
        hash.add(label)
        for index in dimensions.indices {
            hash.add(dimensions[index].0)
            hash.add(dimensions[index].1)
        }
        return hash.value &+ UInt64(kind)
    }

    @inline(__always) private static func isSame(
        _ entries: UnsafeBufferPointer<Entry>, _ index: Int, _ kind: UInt8, _ label: String,
        _ dimensions: [(String, String)]
    ) -> Bool {
        guard entries[index].kind == kind, entries[index].dimensions.count == dimensions.count,
            entries[index].label == label
        else { return false }
        for number in dimensions.indices
        where entries[index].dimensions[number].0 != dimensions[number].0
            || entries[index].dimensions[number].1 != dimensions[number].1
        {
            return false
        }
        return true
    }
}

extension ByteHash {
    /// Adds the UTF-8 of a string.
    @inline(__always) fileprivate mutating func add(_ text: String) {
        var copy = self
        let isContiguous: Void? = text.utf8.withContiguousStorageIfAvailable { copy.add($0) }
        if isContiguous == nil { Array(text.utf8).withUnsafeBufferPointer { copy.add($0) } }
        self = copy
    }
}
