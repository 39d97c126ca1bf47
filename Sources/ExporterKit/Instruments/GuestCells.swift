internal import Glibc
internal import Synchronization

/// What other threads than its owner added to a counter.
///
/// One cell at first. When two threads are seen to add at the same time, several for each processor, each on a cache line
/// of its own.
struct GuestCells: ~Copyable, Sendable {
    /// A part of the sum. Padded to a cache line by `CellBlock`.
    struct Cell: ~Copyable {
        let whole = Atomic<UInt64>(0)
        let fraction = Atomic<UInt64>(0)
        let lastThread = Atomic<UInt32>(ThreadNumber.nobody)
    }

    private let first = CellBlock(count: 1)
    private let spread = LazyMemory<CellBlock>()

    /// Adds a whole number.
    ///
    /// - Returns: false when it saw another thread add at the same time.
    func add(_ amount: UInt64, from thread: UInt32) -> Bool {
        if let block = spread.ifMade {
            block.pointee[thread].pointee.whole.wrappingAdd(amount, ordering: .relaxed)
            return true
        }
        let cell = first[0]
        guard cell.pointee.lastThread.load(ordering: .relaxed) != thread else {
            cell.pointee.whole.wrappingAdd(amount, ordering: .relaxed)
            return true
        }
        // Another thread was here before. If it is still adding, it does so while this one waits for the cache line.
        cell.pointee.lastThread.store(thread, ordering: .relaxed)
        let before = cell.pointee.whole.load(ordering: .relaxed)
        return cell.pointee.whole.wrappingAdd(amount, ordering: .relaxed).oldValue == before
    }

    /// Adds a fraction.
    ///
    /// - Returns: false when it saw another thread add at the same time.
    func add(_ amount: Double, from thread: UInt32) -> Bool {
        if let block = spread.ifMade {
            block.pointee[thread].pointee.fraction.addDouble(amount)
            return true
        }
        guard !first[0].pointee.fraction.tryAddDouble(amount) else { return true }
        first[0].pointee.fraction.addDouble(amount)
        return false
    }

    /// Everything added so far.
    var sums: (whole: UInt64, fraction: Double) {
        var sums = first.sums
        if let block = spread.ifMade {
            let more = block.pointee.sums
            sums = (sums.whole &+ more.whole, sums.fraction + more.fraction)
        }
        return sums
    }

    /// Makes several cells for each processor, which all further additions use.
    func widen() -> Spread {
        spread.made { CellBlock(count: Processors.stripes) }.pointee.address
    }

    /// Where the cells of all threads lie, for who adds without asking again.
    struct Spread {
        fileprivate static let line = 64
        /// Address of the first cell, and in the bits that its alignment leaves free the number of cells less one: both in
        /// one word, so that nobody ever sees the one without the other. 0 for none.
        let word: UInt

        /// Adds to the cell of a thread.
        ///
        /// - Returns: false when there are no cells, or when the thread has no number yet: all of those would use one cell.
        @inline(__always) func add(_ amount: UInt64, from thread: UInt32) -> Bool {
            guard thread != 0, word != 0 else { return false }
            let offset = (UInt(thread) & word & UInt(Self.line - 1)) &* UInt(Self.line)
            let cell = UnsafeMutablePointer<Cell>(bitPattern: word & ~UInt(Self.line - 1) &+ offset)
            cell.unsafelyUnwrapped.pointee.whole.wrappingAdd(amount, ordering: .relaxed)
            return true
        }
    }

    /// Cells side by side, each on a cache line of its own.
    ///
    /// Unchecked: the memory is made in `init`, freed in `deinit`, and only its atomics change in between.
    struct CellBlock: ~Copyable, @unchecked Sendable {
        private let memory: UnsafeMutableRawPointer
        private let mask: UInt32

        /// - Parameter count: a power of two.
        init(count: Int) {
            memory = .allocate(byteCount: count * Spread.line, alignment: Spread.line)
            mask = UInt32(count - 1)
            for index in 0..<UInt32(count) { self[index].initialize(to: Cell()) }
        }

        deinit {
            for index in 0...mask { self[index].deinitialize(count: 1) }
            memory.deallocate()
        }

        var address: Spread { Spread(word: UInt(bitPattern: memory) | UInt(mask)) }

        /// The cell of a thread.
        @inline(__always) subscript(thread: UInt32) -> UnsafeMutablePointer<Cell> {
            (memory + Int(thread & mask) * Spread.line).assumingMemoryBound(to: Cell.self)
        }

        var sums: (whole: UInt64, fraction: Double) {
            var sums: (whole: UInt64, fraction: Double) = (0, 0)
            for index in 0...mask {
                sums.whole &+= self[index].pointee.whole.load(ordering: .relaxed)
                sums.fraction += Double(bitPattern: self[index].pointee.fraction.load(ordering: .relaxed))
            }
            return sums
        }
    }
}

/// How many threads can collide.
enum Processors {
    /// Four for each processor, rounded up to a power of two, at most 32: there may be more threads than processors, and of
    /// those that run two rarely share one.
    static let stripes: Int = {
        let count = max(1, min(32, 4 * sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        var stripes = 1
        while stripes < count { stripes *= 2 }
        return stripes
    }()
}

extension Atomic where Value == UInt64 {
    /// Adds to the double whose bits this holds.
    borrowing func addDouble(_ amount: Double) {
        while !tryAddDouble(amount) {}
    }

    /// Adds to the double whose bits this holds, unless another thread comes in between.
    borrowing func tryAddDouble(_ amount: Double) -> Bool {
        let old = load(ordering: .relaxed)
        let new = (Double(bitPattern: old) + amount).bitPattern
        return compareExchange(expected: old, desired: new, ordering: .relaxed).exchanged
    }
}
