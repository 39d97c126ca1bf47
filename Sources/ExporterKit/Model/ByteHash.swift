internal import CExporterKit

/// Hash of short byte strings: label sets and the strings of a lookup. Good enough for a table that also compares the bytes,
/// several times faster than SipHash; the seed differs in each process, so nobody outside can choose colliding labels.
package struct ByteHash {
    private static let seed = UInt64.random(in: .min ... .max)
    private static let factor: UInt64 = 0x9E37_79B9_7F4A_7C15
    private var state: UInt64

    /// A hash of nothing. Reading the seed costs a call: who hashes often keeps one of these and copies it.
    package init() {
        state = Self.seed
    }

    /// Adds bytes and their number, so that "ab","c" and "a","bc" differ.
    @inline(__always) package mutating func add(_ bytes: UnsafeBufferPointer<UInt8>) {
        let raw = UnsafeRawBufferPointer(bytes)
        var offset = 0
        mix(UInt64(truncatingIfNeeded: raw.count))
        while offset + 8 <= raw.count {
            mix(raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset += 8
        }
        guard offset < raw.count else { return }
        if raw.count >= 8 {
            mix(raw.loadUnaligned(fromByteOffset: raw.count - 8, as: UInt64.self))
        } else {
            mix(Self.few(raw))
        }
    }

    /// 1 to 7 bytes as one number: loads that overlap instead of a loop.
    @inline(__always) private static func few(_ raw: UnsafeRawBufferPointer) -> UInt64 {
        guard raw.count >= 4 else {
            let (first, middle, last) = (raw[0], raw[raw.count &>> 1], raw[raw.count &- 1])
            return UInt64(first) | UInt64(middle) &<< 8 | UInt64(last) &<< 16
        }
        let (low, high) = (
            raw.loadUnaligned(as: UInt32.self), raw.loadUnaligned(fromByteOffset: raw.count &- 4, as: UInt32.self)
        )
        return UInt64(low) | UInt64(high) &<< 32
    }

    @inline(__always) private mutating func mix(_ word: UInt64) {
        let product = (state ^ word).multipliedFullWidth(by: Self.factor)
        state = product.high ^ product.low
    }

    /// The hash so far.
    @inline(__always) package var value: UInt64 { state }
}
