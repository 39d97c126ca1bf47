/// A value of `INFO` that holds several: `calls=1,usec=20`. Keys come in any order; an entry without `=` is left out.
struct InfoRecord: Sendable {
    private let text: String
    private let spans: [FieldSpan]

    init(_ text: some StringProtocol) {
        var own = String(text)
        spans = own.withUTF8 { Self.split($0) }
        self.text = own
    }

    private init(_ text: String, _ spans: [FieldSpan]) {
        self.text = text
        self.spans = spans
    }

    /// In server order.
    var pairs: [InfoDocument.Entry] {
        spans.map { InfoDocument.Entry(name: $0.name(in: text.utf8), value: $0.value(in: text.utf8)) }
    }

    /// The record without the pairs of this name.
    func without(_ name: String) -> InfoRecord {
        InfoRecord(text, spans.filter { $0.name(in: text.utf8) != name })
    }

    /// Value of the first pair of this name.
    func text(_ name: String) -> Substring? { span(name)?.value(in: text.utf8) }

    /// The same as a number.
    func number(_ name: String) -> Double? {
        guard let span = span(name) else { return nil }
        return text.utf8.withBytes { InfoNumber(span.value(in: $0))?.value }
    }

    private func span(_ name: String) -> FieldSpan? {
        text.utf8.withBytes { bytes in
            name.utf8.withBytes { name in spans.first { $0.name(in: bytes).isEqual(to: name) } }
        }
    }

    private static func split(_ bytes: UnsafeBufferPointer<UInt8>) -> [FieldSpan] {
        var spans: [FieldSpan] = []
        spans.reserveCapacity(8)
        var start = 0
        while start < bytes.count {
            let end = bytes.firstPlace(of: UInt8(ascii: ","), in: start..<bytes.count) ?? bytes.count
            if let equals = bytes.firstPlace(of: UInt8(ascii: "="), in: start..<end) {
                spans.append(FieldSpan(start: start, nameEnd: equals, end: end))
            }
            start = end + 1
        }
        return spans
    }
}
