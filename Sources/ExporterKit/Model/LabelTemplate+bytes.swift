extension LabelTemplate {
    /// Gives the bytes of the label set of these values without making a `LabelSet`.
    ///
    /// - Parameter values: as many as names, in the order of the names.
    func withLabels<Result>(_ values: [String], _ use: (LabelBytes) -> Result) -> Result {
        var most = 1
        for index in order { most += names[index].count + values[index].utf8.count * 2 + 4 }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: most) { buffer in
            var cursor = ByteCursor(buffer)
            for index in order {
                if cursor.count > 0 { cursor.put(UInt8(ascii: ",")) }
                names[index].withUnsafeBufferPointer { cursor.put($0) }
                cursor.put(UInt8(ascii: "="))
                cursor.put(UInt8(ascii: "\""))
                cursor.putEscaped(values[index])
                cursor.put(UInt8(ascii: "\""))
            }
            return use(cursor.written)
        }
    }
}

/// Writes into memory that is known to be large enough.
private struct ByteCursor {
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
        self.buffer = buffer
    }

    var written: LabelBytes { LabelBytes(rebasing: buffer[..<count]) }

    @inline(__always) mutating func put(_ byte: UInt8) {
        buffer[count] = byte
        count &+= 1
    }

    @inline(__always) mutating func put(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let target = buffer.baseAddress, let source = bytes.baseAddress else { return }
        (target + count).update(from: source, count: bytes.count)
        count &+= bytes.count
    }

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
