/// Label names and values of one series, sorted by name and held ready to print.
///
/// One allocation holds the whole set as `name="escaped value",name="escaped value"`, so that the twenty samples of one
/// table row share it and an encoder only copies bytes. Two sets with the same labels in another order are equal.
/// A label with an empty value is the same as no label (Prometheus data model) but is kept and printed, because the
/// exporters this fleet replaces print them.
public struct LabelSet: Sendable, Hashable {
    /// `a="x",b="y"` in UTF-8, escaped as text 0.0.4 and OpenMetrics 1.0 both ask; empty for no labels.
    package let bytes: [UInt8]

    /// No labels.
    public static let empty = LabelSet(bytes: [])

    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Labels from names and values, in any order.
    ///
    /// - Parameter pairs: any Unicode value; a name that is illegal or given twice makes the whole set `nil`.
    public init?(checking pairs: [(name: String, value: String)]) {
        let sorted = pairs.sorted { $0.name < $1.name }
        for (index, pair) in sorted.enumerated() {
            guard MetricNames.isLegalLabelName(pair.name) else { return nil }
            guard index == 0 || sorted[index - 1].name != pair.name else { return nil }
        }
        var bytes: [UInt8] = []
        for pair in sorted { Self.append(name: pair.name.utf8, value: pair.value.utf8, to: &bytes) }
        self.bytes = bytes
    }

    /// Labels of a literal: `["datname": name, "mode": mode]`.
    ///
    /// Names come from the program's text, so an illegal or repeated one is left out and caught by the catalogue tests.
    public init(_ pairs: KeyValuePairs<String, String>) {
        var kept: [(name: String, value: String)] = []
        for (name, value) in pairs
        where MetricNames.isLegalLabelName(name) && !kept.contains(where: { $0.name == name }) {
            kept.append((name, value))
        }
        self = LabelSet(checking: kept) ?? .empty
    }

    /// True for no labels.
    public var isEmpty: Bool { bytes.isEmpty }

    /// Names and unescaped values, sorted by name. Costs a parse; encoders do not need it.
    public var pairs: [(name: String, value: String)] {
        var result: [(name: String, value: String)] = []
        var index = 0
        while index < bytes.count {
            let name = bytes[index...].prefix { $0 != UInt8(ascii: "=") }
            index += name.count + 2
            var value: [UInt8] = []
            while bytes[index] != UInt8(ascii: "\"") {
                if bytes[index] == UInt8(ascii: "\\") {
                    index += 1
                    value.append(bytes[index] == UInt8(ascii: "n") ? UInt8(ascii: "\n") : bytes[index])
                } else {
                    value.append(bytes[index])
                }
                index += 1
            }
            index += 2
            result.append((String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
        }
        return result
    }

    /// The set with one label more; `nil` when the name is illegal or already there.
    public func adding(_ name: String, _ value: String) -> LabelSet? {
        LabelSet(checking: pairs + [(name, value)])
    }

    package static func append(
        name: some Collection<UInt8>, value: some Collection<UInt8>, to bytes: inout [UInt8]
    ) {
        if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
        bytes.append(contentsOf: name)
        bytes.append(UInt8(ascii: "="))
        bytes.append(UInt8(ascii: "\""))
        appendEscaped(value, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    private static func appendEscaped(_ value: some Collection<UInt8>, to bytes: inout [UInt8]) {
        for byte in value {
            switch byte {
            case UInt8(ascii: "\\"): bytes.append(contentsOf: [byte, byte])
            case UInt8(ascii: "\""): bytes.append(contentsOf: [UInt8(ascii: "\\"), byte])
            case UInt8(ascii: "\n"): bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "n")])
            default: bytes.append(byte)
            }
        }
    }
}

/// Label names known in advance; makes the label sets of a table's rows without looking at the names again.
public struct LabelTemplate: Sendable {
    let order: [Int]
    let names: [[UInt8]]

    /// - Parameter names: in the order in which values will be given; illegal or repeated names make it `nil`.
    public init?(_ names: [String]) {
        guard LabelSet(checking: names.map { ($0, "") }) != nil else { return nil }
        self.order = names.indices.sorted { names[$0] < names[$1] }
        self.names = names.map { Array($0.utf8) }
    }

    /// Labels of one row.
    ///
    /// - Parameter values: as many as names, in the order of the names; UTF-8.
    public func labels(_ values: [some Collection<UInt8>]) -> LabelSet {
        guard !names.isEmpty else { return .empty }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.reduce(0) { $0 + $1.count } + names.reduce(0) { $0 + $1.count + 4 })
        for index in order { LabelSet.append(name: names[index], value: values[index], to: &bytes) }
        return LabelSet(bytes: bytes)
    }

    /// Labels of one row, from strings.
    public func labels(_ values: [String]) -> LabelSet {
        labels(values.map(\.utf8))
    }
}
