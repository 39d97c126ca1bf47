/// Where the children of a family lie: label bytes and instruments, in the order in which they came, at places that never
/// change. Views read it without a lock while the table goes on adding.
///
/// It does not know the instruments' type: what is generic here would be looked up again with every child.
///
/// Unchecked: only who holds the table's lock appends; what a view reads was there before the view and never changes.
final class SeriesStorage: @unchecked Sendable {
    /// One child.
    struct Entry {
        let bytes: UnsafePointer<UInt8>
        let length: UInt32
        let hash: UInt32
        /// Kept alive by the storage.
        let instrument: Unmanaged<AnyObject>

        @inline(__always) var labels: LabelBytes { LabelBytes(start: bytes, count: Int(length)) }
    }

    private typealias Chunk = UnsafeMutablePointer<Entry>
    private static let chunkBits: UInt32 = 10
    private static let chunkSize: UInt32 = 1 << chunkBits

    private var slab = LabelSlab()
    /// Pointers to chunks. A larger directory takes the place of a full one; views may still read the old ones.
    private var directory: UnsafeMutablePointer<Chunk>
    private var outgrown: [UnsafeMutablePointer<Chunk>] = []
    private var capacity: Int
    /// Children appended so far.
    private(set) var count: UInt32 = 0

    init() {
        capacity = 4
        directory = .allocate(capacity: 4)
    }

    deinit {
        for number in 0..<count { self[number].instrument.release() }
        for chunk in 0..<Int((count + Self.chunkSize - 1) >> Self.chunkBits) { directory[chunk].deallocate() }
        for old in outgrown { old.deallocate() }
        directory.deallocate()
    }

    /// Bytes of labels so far.
    var labelBytes: Int { slab.count }

    /// Appends a child and keeps its instrument alive.
    ///
    /// - Returns: its number.
    func append(_ labels: LabelBytes, hash: UInt32, _ instrument: AnyObject) -> UInt32 {
        let chunk = Int(count >> Self.chunkBits)
        if count & (Self.chunkSize - 1) == 0 {
            if chunk == capacity { growDirectory() }
            directory[chunk] = .allocate(capacity: Int(Self.chunkSize))
        }
        (directory[chunk] + Int(count & (Self.chunkSize - 1))).initialize(
            to: Entry(
                bytes: slab.append(labels), length: UInt32(labels.count), hash: hash,
                instrument: .passRetained(instrument)))
        count += 1
        return count - 1
    }

    /// The child of a number that was given out. Only for who holds the table's lock; others ask a `Reader`.
    @inline(__always) subscript(number: UInt32) -> Entry { reader[number] }

    /// Reads the children there are now, for as long as the storage lives.
    var reader: Reader { Reader(directory: directory) }

    /// Finds children by their number.
    struct Reader {
        fileprivate let directory: UnsafeMutablePointer<UnsafeMutablePointer<Entry>>

        /// The child of a number that was given out before this was made.
        @inline(__always) subscript(number: UInt32) -> Entry { address(of: number).pointee }

        /// Where it lies, to fetch it ahead.
        @inline(__always) func address(of number: UInt32) -> UnsafeMutablePointer<Entry> {
            directory[Int(number >> chunkBits)] + Int(number & (chunkSize - 1))
        }
    }

    private func growDirectory() {
        let larger = UnsafeMutablePointer<Chunk>.allocate(capacity: capacity * 2)
        larger.update(from: directory, count: capacity)
        outgrown.append(directory)
        directory = larger
        capacity *= 2
    }
}
