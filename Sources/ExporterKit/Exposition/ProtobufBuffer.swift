/// Appends to a buffer in the wire format of protocol buffers.
///
/// A message's length stands before it and is known after it: `open` leaves room for a short one, `close` moves the message
/// when its length needs more. So nothing is allocated but the buffer.
/// Source: https://protobuf.dev/programming-guides/encoding/
struct ProtobufBuffer {
    private(set) var bytes: [UInt8] = []

    /// Where a message that is not closed yet begins, behind the room for its length.
    struct Message {
        fileprivate let start: Int
        fileprivate let room: Int
    }

    mutating func reserveCapacity(_ count: Int) {
        bytes.reserveCapacity(count)
    }

    mutating func removeLast(downTo count: Int) {
        bytes.removeLast(bytes.count - count)
    }

    // MARK: - Messages

    /// Begins a message that no field announces.
    ///
    /// - Parameter expected: about how many bytes it will have.
    mutating func open(expecting expected: Int = 0) -> Message {
        let room = Self.size(UInt64(max(0, expected)))
        for _ in 0..<room { bytes.append(0) }
        return Message(start: bytes.count, room: room)
    }

    /// Begins the message of a field.
    mutating func open(_ field: UInt8) -> Message {
        tag(field, 2)
        return open()
    }

    /// Ends a message.
    mutating func close(_ message: Message) {
        let length = UInt64(bytes.count - message.start)
        let size = Self.size(length)
        let begin = message.start - message.room
        if size != message.room {
            bytes.replaceSubrange(begin..<message.start, with: repeatElement(0, count: size))
        }
        var rest = length
        for index in begin..<(begin + size) {
            bytes[index] = UInt8(truncatingIfNeeded: rest & 0x7F) | (index < begin + size - 1 ? 0x80 : 0)
            rest >>= 7
        }
    }

    // MARK: - Fields

    mutating func field(_ number: UInt8, _ value: UInt64) {
        tag(number, 0)
        varint(value)
    }

    /// `sint32` or `sint64`.
    mutating func field(_ number: UInt8, zigzag value: Int64) {
        tag(number, 0)
        varint(Self.zigzag(value))
    }

    mutating func field(_ number: UInt8, _ value: Double) {
        tag(number, 1)
        var bits = value.bitPattern.littleEndian
        withUnsafeBytes(of: &bits) { bytes.append(contentsOf: $0) }
    }

    mutating func field(_ number: UInt8, _ text: String) {
        tag(number, 2)
        var text = text
        text.withUTF8 { text in
            varint(UInt64(text.count))
            bytes.append(contentsOf: text)
        }
    }

    /// Text that stands between quotes in a label set.
    mutating func field(_ number: UInt8, unescaping text: LabelBytes) {
        tag(number, 2)
        let count = LabelReader.unescapedCount(text)
        varint(UInt64(count))
        if count == text.count {
            bytes.append(contentsOf: text)
        } else {
            LabelReader.appendUnescaped(text, to: &bytes)
        }
    }

    /// Repeated `sint64`, packed; nothing for none.
    mutating func field(_ number: UInt8, packed values: [Int64]) {
        guard !values.isEmpty else { return }
        tag(number, 2)
        varint(values.reduce(0) { $0 + UInt64(Self.size(Self.zigzag($1))) })
        for value in values { varint(Self.zigzag(value)) }
    }

    private mutating func tag(_ number: UInt8, _ wireType: UInt64) {
        varint(UInt64(number) << 3 | wireType)
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    private static func zigzag(_ value: Int64) -> UInt64 {
        UInt64(bitPattern: value << 1 ^ value >> 63)
    }

    /// Bytes of a number as a varint.
    private static func size(_ value: UInt64) -> Int {
        max(1, (64 - value.leadingZeroBitCount + 6) / 7)
    }
}
