internal import CExporterKit

/// Hash of short byte strings: label sets and the strings of a lookup. Good enough for a table that also compares the bytes,
/// several times faster than SipHash; the seed differs in each process, so nobody outside can choose colliding labels.
package struct ByteHash {
    private static let seed = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
    private var state: UInt64
    /// Unknown outside, as who knew it could choose words whose product is 0 whatever came before.
    private let secret: UInt64

    /// A hash of nothing. Reading the seed costs a call: who hashes often keeps one of these and copies it.
    package init() {
        (state, secret) = Self.seed
    }

    /// Adds bytes and their number, so that "ab","c" and "a","bc" differ.
    @inline(__always) package mutating func add(_ bytes: UnsafeBufferPointer<UInt8>) {
        let raw = UnsafeRawBufferPointer(bytes)
        guard raw.count >= 8 else { return mix(UInt64(truncatingIfNeeded: raw.count), raw.isEmpty ? 0 : Self.few(raw)) }
        var offset = 0
        while offset + 16 < raw.count {
            mix(
                raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self),
                raw.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
            offset += 16
        }
        // The last 16 bytes or fewer, as two words that may overlap.
        let last = raw.loadUnaligned(fromByteOffset: raw.count - 8, as: UInt64.self)
        mix(raw.loadUnaligned(fromByteOffset: min(offset, raw.count - 8), as: UInt64.self), last)
        state ^= UInt64(truncatingIfNeeded: raw.count)
    }

    /// Adds two words.
    @inline(__always) package mutating func mix(_ first: UInt64, _ second: UInt64) {
        let product = (state ^ first).multipliedFullWidth(by: second ^ secret)
        state = product.high ^ product.low
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

    /// The hash so far.
    @inline(__always) package var value: UInt64 { state }
}
