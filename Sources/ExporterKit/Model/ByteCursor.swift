/// Writes bytes one after another into memory of a fixed size. What does not fit is only counted, so nothing is ever written
/// beyond the end; the caller looks at `isOverfull` when it is done.
struct ByteCursor {
    private let start: UnsafeMutablePointer<UInt8>
    private let capacity: Int
    /// Bytes written, or that would have been.
    private(set) var count = 0

    /// - Parameter buffer: not empty, valid as long as the cursor is used.
    init(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
        start = buffer.baseAddress.unsafelyUnwrapped
        capacity = buffer.count
    }

    /// Whether some of it did not fit.
    var isOverfull: Bool { count > capacity }

    /// What was written and fits.
    var written: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: min(count, capacity)) }

    /// Forgets what was written after the first `count` bytes.
    mutating func rewind(to count: Int) {
        self.count = count
    }

    /// Writes a byte.
    @inline(__always) mutating func put(_ byte: UInt8) {
        if count < capacity { start[count] = byte }
        count &+= 1
    }

    /// Writes bytes.
    @inline(__always) mutating func put(_ bytes: UnsafeBufferPointer<UInt8>) {
        if let source = bytes.baseAddress, count &+ bytes.count <= capacity {
            (start + count).copy(bytes.count, from: source)
        }
        count &+= bytes.count
    }

    /// Where the next bytes go, for who writes many without asking for each; `nil` when fewer than `most` fit.
    @inline(__always) func line(ofAtMost most: Int) -> LineCursor? {
        count &+ most <= capacity ? LineCursor(at: start + count) : nil
    }

    /// Takes what was written there.
    @inline(__always) mutating func take(_ line: LineCursor) {
        count = line.end - start
    }

    /// Writes bytes.
    @inline(__always) mutating func put(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { put($0) }
    }

    /// Writes again what was written before.
    @inline(__always) mutating func `repeat`(from position: Int, count length: Int) {
        put(UnsafeBufferPointer(start: start + position, count: position + length <= capacity ? length : 0))
    }

    /// Writes text of the program.
    @inline(__always) mutating func put(_ text: StaticString) {
        put(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Writes text.
    mutating func put(_ text: String) {
        for byte in text.utf8 { put(byte) }
    }

    /// Writes text with backslash, quote and line feed escaped.
    @inline(__always) mutating func putEscaped(_ text: String) {
        var copy = self
        let isContiguous: Void? = text.utf8.withContiguousStorageIfAvailable { copy.putEscaped($0) }
        if isContiguous == nil { Array(text.utf8).withUnsafeBufferPointer { copy.putEscaped($0) } }
        self = copy
    }

    @inline(__always) private mutating func putEscaped(_ bytes: UnsafeBufferPointer<UInt8>) {
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\\"), UInt8(ascii: "\""):
                put(UInt8(ascii: "\\"))
                put(byte)
            case UInt8(ascii: "\n"):
                put(UInt8(ascii: "\\"))
                put(UInt8(ascii: "n"))
            default:
                put(byte)
            }
        }
    }
}
