internal import ExporterKit

/// Where a name and, one byte behind it, its value stand in a text.
struct FieldSpan: Sendable {
    private let start: UInt32
    private let nameEnd: UInt32
    private let end: UInt32

    init(start: Int, nameEnd: Int, end: Int) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.nameEnd = UInt32(truncatingIfNeeded: nameEnd)
        self.end = UInt32(truncatingIfNeeded: end)
    }

    private var name: Range<Int> { Int(start)..<Int(nameEnd) }
    private var value: Range<Int> { Int(nameEnd) + 1..<Int(end) }

    func name(in bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: bytes[name])
    }

    func value(in bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: bytes[value])
    }

    /// The name alone, where there may be no value.
    func text(in text: String.UTF8View) -> Substring { Self.cut(name, text) }
    func name(in text: String.UTF8View) -> Substring { Self.cut(name, text) }
    func value(in text: String.UTF8View) -> Substring { Self.cut(value, text) }

    private static func cut(_ range: Range<Int>, _ text: String.UTF8View) -> Substring {
        let start = text.index(text.startIndex, offsetBy: range.lowerBound)
        return Substring(text[start..<text.index(start, offsetBy: range.count)])
    }
}

/// Finds the line of a field by its name.
struct FieldTable: Sendable {
    /// Number of a line and one; 0 is free. Its size is a power of two, at least twice the lines.
    private var slots: [UInt32] = []

    /// - Parameter skipped: lines that are no fields.
    init(_ lines: [FieldSpan], in bytes: UnsafeBufferPointer<UInt8>, skipping skipped: [Range<Int>]) {
        var size = 16
        while size < 2 * lines.count { size *= 2 }
        slots = [UInt32](repeating: 0, count: size)
        var index = 0
        while index < lines.count {
            if let range = skipped.first(where: { $0.contains(index) }) {
                index = range.upperBound
                continue
            }
            // Of a repeated field the last counts.
            slots[slot(of: lines[index].name(in: bytes), lines, in: bytes)] = UInt32(index + 1)
            index += 1
        }
    }

    /// - Returns: `nil` when there is no such field.
    func line(
        of name: UnsafeBufferPointer<UInt8>, _ lines: [FieldSpan], in bytes: UnsafeBufferPointer<UInt8>
    ) -> Int? {
        let number = Int(slots[slot(of: name, lines, in: bytes)])
        return number == 0 ? nil : number - 1
    }

    /// The slot that holds the name, or the free one where it belongs.
    private func slot(
        of name: UnsafeBufferPointer<UInt8>, _ lines: [FieldSpan], in bytes: UnsafeBufferPointer<UInt8>
    ) -> Int {
        var hash = ByteHash()
        hash.add(name)
        var slot = Int(truncatingIfNeeded: hash.value) & (slots.count - 1)
        while slots[slot] != 0, !lines[Int(slots[slot]) - 1].name(in: bytes).isEqual(to: name) {
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }
}

extension UnsafeBufferPointer<UInt8> {
    func firstPlace(of byte: UInt8, in range: Range<Int>) -> Int? {
        var place = range.lowerBound
        while place < range.upperBound {
            if self[place] == byte { return place }
            place += 1
        }
        return nil
    }

    func isEqual(to other: UnsafeBufferPointer<UInt8>) -> Bool {
        count == other.count && starts(with: other)
    }

    func starts(with other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard count >= other.count else { return false }
        for place in other.indices where self[place] != other[place] { return false }
        return true
    }
}

extension Collection<UInt8> {
    /// The bytes, without a copy where they lie in a row, as those of nearly every text do.
    @inline(__always) func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let result = withContiguousStorageIfAvailable(body) { return result }
        return Array(self).withUnsafeBufferPointer(body)
    }
}
