/// Reads protocol buffers by their wire format and shows them as text; knows which fields hold messages, nothing else.
struct ProtobufReader {
    indirect enum Shape {
        case message([Int: Shape])
        case text
        case packed
        case zigzag
    }

    /// `io.prometheus.client.MetricFamily`, by field numbers.
    static let family: Shape = {
        let pair = Shape.message([1: .text, 2: .text])
        let time = Shape.message([:])
        let exemplar = Shape.message([1: pair, 3: time])
        let span = Shape.message([1: .zigzag])
        let histogram = Shape.message([
            3: .message([3: exemplar]), 5: .zigzag, 9: span, 10: .packed, 12: span, 13: .packed, 15: time, 16: exemplar,
        ])
        let metric = Shape.message([
            1: pair, 2: .message([:]), 3: .message([2: exemplar, 3: time]), 4: .message([3: .message([:]), 4: time]),
            5: .message([:]), 7: histogram,
        ])
        return .message([1: .text, 2: .text, 4: metric, 5: .text])
    }()

    private var bytes: ArraySlice<UInt8>

    /// Messages, each after its length, as text: `field: value` for numbers and texts, `field { ... }` for messages.
    ///
    /// - Returns: `nil` for bytes that are no such messages.
    static func text(ofDelimited bytes: [UInt8]) -> [String]? {
        var reader = ProtobufReader(bytes: bytes[...])
        var result: [String] = []
        while !reader.bytes.isEmpty {
            guard let message = reader.block(), let text = describe(message, family) else { return nil }
            result.append(text)
        }
        return result
    }

    private static func describe(_ bytes: ArraySlice<UInt8>, _ shape: Shape?) -> String? {
        guard case .message(let fields)? = shape else { return nil }
        var reader = ProtobufReader(bytes: bytes)
        var parts: [String] = []
        while !reader.bytes.isEmpty {
            guard let tag = reader.varint(), let part = reader.field(tag, fields[Int(tag >> 3)]) else { return nil }
            parts.append("\(tag >> 3)\(part)")
        }
        return parts.joined(separator: " ")
    }

    private mutating func field(_ tag: UInt64, _ shape: Shape?) -> String? {
        switch (tag & 7, shape) {
        case (0, .zigzag?): varint().map { ": \(Self.signed($0))" }
        case (0, nil): varint().map { ": \($0)" }
        case (1, nil): double().map { ": \($0)" }
        case (2, .text?): block().map { ": \"\(String(decoding: $0, as: UTF8.self))\"" }
        case (2, .packed?):
            block().map { block in
                var reader = ProtobufReader(bytes: block)
                var values: [Int64] = []
                while let value = reader.varint() { values.append(Self.signed(value)) }
                return ": \(values)"
            }
        case (2, .message?): block().flatMap { Self.describe($0, shape) }.map { $0.isEmpty ? " {}" : " { \($0) }" }
        default: nil
        }
    }

    private static func signed(_ value: UInt64) -> Int64 {
        Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = bytes.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            // A length or tag with a superfluous byte is read by most, but is not what anybody writes.
            if byte < 0x80 { return byte == 0 && shift > 0 ? nil : value }
        }
        return nil
    }

    private mutating func double() -> Double? {
        guard bytes.count >= 8 else { return nil }
        let bits = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        bytes = bytes.dropFirst(8)
        return Double(bitPattern: bits)
    }

    private mutating func block() -> ArraySlice<UInt8>? {
        guard let count = varint(), count <= bytes.count else { return nil }
        defer { bytes = bytes.dropFirst(Int(count)) }
        return bytes.prefix(Int(count))
    }
}
