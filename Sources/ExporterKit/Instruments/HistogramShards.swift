internal import Glibc
internal import Synchronization

/// Where threads put their observations: one shard, or several for each processor once two threads were seen to collide.
///
/// A thread holds its shard for the few nanoseconds of one observation, so sum, count and buckets of a shard always agree.
/// Nobody waits: a thread that finds its shard taken by another uses the next one.
///
/// Unchecked: a shard is touched only by who holds it; the memory lives as long as this object.
final class HistogramShards: @unchecked Sendable {
    /// Observations of some threads. Who holds it stands before it in memory, its counts lie behind it.
    struct Shard {
        var sum = 0.0
        var native: NativeBuckets?
    }

    private enum Holder {
        /// Bytes from a shard's holder to the shard. Apart, because writing a field counts as an access to the whole struct.
        static let size = 16
        static let nobody: UInt8 = 0
        static let observer: UInt8 = 1
        static let reader: UInt8 = 2
    }

    /// Number of counts of a shard: one more than bounds.
    let width: Int
    private let options: NativeHistogramOptions?
    private let first: Block
    private let spread = LazyMemory<Block>()

    /// Shards side by side, each beginning on a cache line of its own.
    private struct Block: ~Copyable, @unchecked Sendable {
        let memory: UnsafeMutableRawPointer
        let stride: Int
        let mask: UInt32

        init(_ count: Int, _ head: Int, _ width: Int, _ options: NativeHistogramOptions?) {
            stride = (Holder.size + head + width * MemoryLayout<UInt64>.stride + 63) & ~63
            memory = .allocate(byteCount: count * stride, alignment: 64)
            mask = UInt32(count - 1)
            for number in 0..<UInt32(count) {
                HistogramShards.holder(of: self[number]).initialize(to: Atomic(Holder.nobody))
                self[number].initialize(to: Shard(native: options.map { NativeBuckets($0, at: .now) }))
                (UnsafeMutableRawPointer(self[number]) + head).initializeMemory(
                    as: UInt64.self, repeating: 0, count: width)
            }
        }

        deinit {
            for number in 0...mask {
                self[number].deinitialize(count: 1)
                HistogramShards.holder(of: self[number]).deinitialize(count: 1)
            }
            memory.deallocate()
        }

        @inline(__always) subscript(number: UInt32) -> UnsafeMutablePointer<Shard> {
            (memory + Int(number & mask) * stride + Holder.size).assumingMemoryBound(to: Shard.self)
        }
    }

    /// Where the counts of a shard begin. Kept, because asking for a type's size costs a call into the runtime.
    private let head: Int

    /// - Parameters:
    ///   - width: number of counts.
    ///   - native: makes native buckets too.
    init(width: Int, native options: NativeHistogramOptions?) {
        self.width = width
        self.options = options
        head = (MemoryLayout<Shard>.size + 7) & ~7
        first = Block(1, head, width, options)
    }

    /// The counts of a shard that the caller holds.
    @inline(__always) func counts(of shard: UnsafeMutablePointer<Shard>) -> UnsafeMutablePointer<UInt64> {
        (UnsafeMutableRawPointer(shard) + head).assumingMemoryBound(to: UInt64.self)
    }

    /// Gives a shard that nobody else touches meanwhile.
    @inline(__always) func withShard(_ use: (UnsafeMutablePointer<Shard>) -> Void) {
        let shard = take()
        use(shard)
        Self.holder(of: shard).pointee.store(Holder.nobody, ordering: .releasing)
    }

    /// Gives every shard, one after another.
    func forEach(_ use: (UnsafeMutablePointer<Shard>) -> Void) {
        read(first[0], use)
        guard let many = spread.ifMade else { return }
        for number in 0...many.pointee.mask { read(many.pointee[number], use) }
    }

    /// Empties the classic part of a shard that the caller holds.
    func clearClassic(_ shard: UnsafeMutablePointer<Shard>) {
        shard.pointee.sum = 0
        counts(of: shard).update(repeating: 0, count: width)
    }

    // MARK: - Holding

    @inline(__always) private static func holder(
        of shard: UnsafeMutablePointer<Shard>
    ) -> UnsafeMutablePointer<Atomic<UInt8>> {
        (UnsafeMutableRawPointer(shard) - Holder.size).assumingMemoryBound(to: Atomic<UInt8>.self)
    }

    @inline(__always) private func take() -> UnsafeMutablePointer<Shard> {
        let many = spread.ifMade
        let shard = many.map { $0.pointee[ThreadNumber.known] } ?? first[0]
        return holderBefore(of: shard, takenBy: Holder.observer) == Holder.nobody ? shard : takeAny()
    }

    /// Tries to hold a shard.
    ///
    /// - Returns: who held it before; it is the caller's when that was nobody.
    @inline(__always) private func holderBefore(
        of shard: UnsafeMutablePointer<Shard>, takenBy holder: UInt8
    ) -> UInt8 {
        Self.holder(of: shard).pointee.compareExchange(
            expected: Holder.nobody, desired: holder, successOrdering: .acquiring, failureOrdering: .relaxed
        ).original
    }

    private func read(_ shard: UnsafeMutablePointer<Shard>, _ use: (UnsafeMutablePointer<Shard>) -> Void) {
        while holderBefore(of: shard, takenBy: Holder.reader) != Holder.nobody { sched_yield() }
        use(shard)
        Self.holder(of: shard).pointee.store(Holder.nobody, ordering: .releasing)
    }

    @inline(never) private func takeAny() -> UnsafeMutablePointer<Shard> {
        let thread = ThreadNumber.current
        while true {
            if let many = spread.ifMade {
                for offset in 0...many.pointee.mask {
                    let shard = many.pointee[thread &+ offset]
                    if holderBefore(of: shard, takenBy: Holder.observer) == Holder.nobody { return shard }
                }
                sched_yield()
                continue
            }
            // A reader is soon gone; only two observers at once are worth more shards.
            switch holderBefore(of: first[0], takenBy: Holder.observer) {
            case Holder.nobody: return first[0]
            case Holder.reader: sched_yield()
            default: _ = spread.made { Block(Processors.stripes, head, width, options) }
            }
        }
    }
}
