/// Reads the bytes of a label set label by label, without an allocation.
///
/// The bytes must outlive the reader and what it gives. Bytes that no `LabelSet` made end the reading early.
struct LabelReader {
    /// Name without quotes and value, both still with their backslashes.
    typealias Label = (name: LabelBytes, value: LabelBytes)

    private let bytes: LabelBytes
    private var index = 0

    init(_ bytes: LabelBytes) {
        self.bytes = bytes
    }

    mutating func next() -> Label? {
        guard index < bytes.count else { return nil }
        let name: LabelBytes
        if bytes[index] == UInt8(ascii: "\"") {
            name = quoted()
        } else {
            let start = index
            while index < bytes.count, bytes[index] != UInt8(ascii: "=") { index += 1 }
            name = LabelBytes(rebasing: bytes[start..<index])
        }
        index += 1
        guard index < bytes.count else { return nil }
        let value = quoted()
        index += 1
        return (name, value)
    }

    /// What stands between the quote at `index` and the one that ends it; goes behind that one.
    private mutating func quoted() -> LabelBytes {
        index += 1
        let start = min(index, bytes.count)
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        let end = min(index, bytes.count)
        index += 1
        return LabelBytes(rebasing: bytes[start..<end])
    }

    /// Number of bytes without backslashes that escape.
    static func unescapedCount(_ part: LabelBytes) -> Int {
        var count = 0
        var index = 0
        while index < part.count {
            index += part[index] == UInt8(ascii: "\\") ? 2 : 1
            count += 1
        }
        return count
    }

    /// Appends a name or value as it was before it was escaped.
    static func appendUnescaped(_ part: LabelBytes, to bytes: inout [UInt8]) {
        var index = 0
        while index < part.count {
            var byte = part[index]
            if byte == UInt8(ascii: "\\"), index + 1 < part.count {
                index += 1
                byte = part[index] == UInt8(ascii: "n") ? UInt8(ascii: "\n") : part[index]
            }
            bytes.append(byte)
            index += 1
        }
    }

    /// A name or value as it was before it was escaped.
    static func text(_ part: LabelBytes) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(part.count)
        appendUnescaped(part, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
