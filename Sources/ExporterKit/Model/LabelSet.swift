/// Label names and values of one series, sorted by name and held ready to print.
///
/// One allocation holds the whole set as `name="escaped value",name="escaped value"`, so that the twenty samples of one
/// table row share it and an encoder only copies bytes. Two sets with the same labels in another order are equal.
/// A label with an empty value is the same as no label (Prometheus data model) but is kept and printed, because the
/// exporters this fleet replaces print them.
public struct LabelSet: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// `a="x",b="y"` in UTF-8, escaped as every text format asks; empty for no labels.
    ///
    /// A name that the classic data model does not know stands in quotes, as text 1.0.0 prints it, and before all others:
    /// `"http.route"="/",code="200"`. So the first byte tells whether a set has such a name.
    package let bytes: [UInt8]

    /// No labels.
    public static let empty = LabelSet(bytes: [])

    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Labels from names and values, in any order.
    ///
    /// - Parameter pairs: any Unicode text; a name that is empty, begins with `__` or is given twice makes the whole set
    ///   `nil`.
    public init?(checking pairs: [(name: String, value: String)]) {
        guard let order = LabelOrder(pairs.map(\.name)) else { return nil }
        var bytes: [UInt8] = []
        for index in order.indices {
            Self.append(name: order.printed[index], value: pairs[index].value.utf8, to: &bytes)
        }
        self.bytes = bytes
    }

    /// Labels of a literal: `["datname": name, "mode": mode]`.
    ///
    /// Names come from the program's text, so an illegal or repeated one is left out and caught by the catalogue tests.
    public init(_ pairs: KeyValuePairs<String, String>) {
        self.init(keepingLegal: pairs.map { ($0.key, $0.value) })
    }

    /// Labels of a literal: `["trace_id": id]`, by the same rules.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(keepingLegal: elements)
    }

    private init(keepingLegal pairs: [(String, String)]) {
        var kept: [(name: String, value: String)] = []
        for (name, value) in pairs
        where MetricNames.isValidLabelName(name) && !kept.contains(where: { $0.name.utf8.elementsEqual(name.utf8) }) {
            kept.append((name, value))
        }
        self = LabelSet(checking: kept) ?? .empty
    }

    /// True for no labels.
    public var isEmpty: Bool { bytes.isEmpty }

    /// True when both are the same bytes in memory; false says nothing.
    func isSame(as other: LabelSet) -> Bool {
        bytes.withUnsafeBufferPointer { own in
            other.bytes.withUnsafeBufferPointer { own.baseAddress == $0.baseAddress && own.count == $0.count }
        }
    }

    /// True when a name is outside the classic data model, so that not every scraper can be told it as it is.
    package var hasQuotedName: Bool { bytes.first == UInt8(ascii: "\"") }

    /// Names and unescaped values, sorted by name. Costs a parse; encoders do not need it.
    public var pairs: [(name: String, value: String)] {
        bytes.withUnsafeBufferPointer { bytes in
            var result: [(name: String, value: String)] = []
            var reader = LabelReader(bytes)
            while let label = reader.next() {
                result.append((LabelReader.text(label.name), LabelReader.text(label.value)))
            }
            return result
        }
    }

    /// The set with one label more; `nil` when the name is illegal or already there.
    public func adding(_ name: String, _ value: String) -> LabelSet? {
        LabelSet(checking: pairs + [(name, value)])
    }

    /// True when there is a label of this name, which is one of the classic data model.
    package func contains(_ name: StaticString) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            var reader = LabelReader(bytes)
            while let label = reader.next() {
                if label.name.count == name.utf8CodeUnitCount,
                    label.name.elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
                {
                    return true
                }
            }
            return false
        }
    }

    /// - Parameters:
    ///   - name: as it is printed, in quotes where it needs them.
    ///   - value: valid UTF-8, not escaped yet.
    static func append(name: [UInt8], value: some Collection<UInt8>, to bytes: inout [UInt8]) {
        if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
        bytes.append(contentsOf: name)
        bytes.append(UInt8(ascii: "="))
        appendQuoted(value, to: &bytes)
    }

    /// Appends text in quotes, escaped.
    static func appendQuoted(_ text: some Collection<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        appendEscaped(text, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends text with backslash, quote and line feed escaped.
    static func appendEscaped(_ text: some Collection<UInt8>, to bytes: inout [UInt8]) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "\\"), UInt8(ascii: "\""):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case UInt8(ascii: "\n"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(UInt8(ascii: "n"))
            default: bytes.append(byte)
            }
        }
    }
}

/// How names stand in a label set: those in quotes first, then by their bytes.
struct LabelOrder {
    /// Positions of the given names, in the order of the set.
    let indices: [Int]
    /// The given names as they are printed, in the given order.
    let printed: [[UInt8]]

    /// - Returns: `nil` for a name that is empty, begins with `__` or is given twice.
    init?(_ names: [String]) {
        guard names.allSatisfy({ MetricNames.isValidLabelName($0) }) else { return nil }
        let printed = names.map { name in
            var bytes: [UInt8] = []
            if MetricNames.isLegalLabelName(name) {
                bytes.append(contentsOf: name.utf8)
            } else {
                LabelSet.appendQuoted(name.utf8, to: &bytes)
            }
            return bytes
        }
        // A quote sorts before every letter, so the printed forms sort as the set wants them.
        let indices = printed.indices.sorted { printed[$0].lexicographicallyPrecedes(printed[$1]) }
        guard zip(indices, indices.dropFirst()).allSatisfy({ printed[$0] != printed[$1] }) else { return nil }
        self.indices = indices
        self.printed = printed
    }
}
