/// Writes bytes one after another where there certainly is room for them: who has it asked a `ByteCursor` for all of it.
///
/// Small things are written as whole words. What is behind their end is written over by what comes next, so the room must
/// have `slack` bytes more than the text.
struct LineCursor {
    /// Bytes that may be written behind the end.
    static let slack = 16

    /// Where the next byte goes.
    private(set) var end: UnsafeMutablePointer<UInt8>

    @inline(__always) init(at end: UnsafeMutablePointer<UInt8>) {
        self.end = end
    }

    /// Writes a byte.
    @inline(__always) mutating func put(_ byte: UInt8) {
        end.pointee = byte
        end += 1
    }

    /// Writes bytes.
    @inline(__always) mutating func put(_ bytes: UnsafeBufferPointer<UInt8>) {
        if let source = bytes.baseAddress { end.copy(bytes.count, from: source) }
        end += bytes.count
    }

    /// Writes the first bytes of a word in the order in which they lie in memory.
    ///
    /// - Parameter count: at most 8.
    @inline(__always) mutating func put(_ word: UInt64, count: Int) {
        UnsafeMutableRawPointer(end).storeBytes(of: word, as: UInt64.self)
        end += count
    }
}

extension UnsafeMutablePointer<UInt8> {
    /// Copies bytes. Up to 128 in blocks of which the last overlaps the one before: names, numbers and most labels are so
    /// short that calling `memcpy` costs more than the copy.
    @inline(__always) func copy(_ count: Int, from source: UnsafePointer<UInt8>) {
        if count > 128 {
            update(from: source, count: count)
        } else if count >= 16 {
            var offset = 0
            while offset &+ 16 < count {
                copyBlock(SIMD16<UInt8>.self, at: offset, from: source)
                offset &+= 16
            }
            copyBlock(SIMD16<UInt8>.self, at: count &- 16, from: source)
        } else if count >= 8 {
            copyBlock(UInt64.self, at: 0, from: source)
            copyBlock(UInt64.self, at: count &- 8, from: source)
        } else if count >= 4 {
            copyBlock(UInt32.self, at: 0, from: source)
            copyBlock(UInt32.self, at: count &- 4, from: source)
        } else {
            for offset in 0..<count { self[offset] = source[offset] }
        }
    }

    @inline(__always) private func copyBlock<Block: BitwiseCopyable>(
        _ type: Block.Type, at offset: Int, from source: UnsafePointer<UInt8>
    ) {
        UnsafeMutableRawPointer(self).storeBytes(
            of: UnsafeRawPointer(source).loadUnaligned(fromByteOffset: offset, as: type), toByteOffset: offset, as: type
        )
    }
}
