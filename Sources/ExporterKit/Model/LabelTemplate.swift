/// Label names known in advance; makes the label sets of a table's rows without looking at the names again.
public struct LabelTemplate: Sendable {
    let order: [Int]
    let names: [[UInt8]]

    /// - Parameter names: in the order in which values will be given; an empty or repeated name, or one that begins with
    ///   `__`, makes the template `nil`.
    public init?(_ names: [String]) {
        guard let order = LabelOrder(names) else { return nil }
        self.order = order.indices
        self.names = order.printed
    }

    /// Labels of one row.
    ///
    /// - Parameter values: as many as names, in the order of the names. UTF-8; what is not becomes U+FFFD, because one bad
    ///   byte would make a scraper refuse everything.
    public func labels(_ values: [some Collection<UInt8>]) -> LabelSet {
        make(values) { value, name, bytes in
            if value.allSatisfy({ $0 < 0x80 }) {
                LabelSet.append(name: name, value: value, to: &bytes)
            } else {
                LabelSet.append(name: name, value: String(decoding: value, as: UTF8.self).utf8, to: &bytes)
            }
        }
    }

    /// Labels of one row, from strings.
    public func labels(_ values: [String]) -> LabelSet {
        make(values.map(\.utf8)) { value, name, bytes in LabelSet.append(name: name, value: value, to: &bytes) }
    }

    /// Labels of one row, from the bytes of its values: nothing is copied on the way to the set.
    ///
    /// - Parameter value: of the name at a place in the list of names; `nil` is empty. UTF-8; what is not becomes U+FFFD.
    public func labels(from value: (Int) -> ArraySlice<UInt8>?) -> LabelSet {
        guard !names.isEmpty else { return .empty }
        var count = 0
        for index in names.indices { count += names[index].count + (value(index)?.count ?? 0) + 4 }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for index in order {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: names[index])
            bytes.append(UInt8(ascii: "="))
            bytes.append(UInt8(ascii: "\""))
            if let value = value(index) { Self.append(value, to: &bytes) }
            bytes.append(UInt8(ascii: "\""))
        }
        return LabelSet(bytes: bytes)
    }

    private static func append(_ value: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
        var isPlain = true
        var isASCII = true
        for byte in value {
            isPlain = isPlain && byte != UInt8(ascii: "\\") && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\n")
            isASCII = isASCII && byte < 0x80
        }
        if isPlain, isASCII {
            bytes.append(contentsOf: value)
        } else if isASCII {
            LabelSet.appendEscaped(value, to: &bytes)
        } else {
            LabelSet.appendEscaped(String(decoding: value, as: UTF8.self).utf8, to: &bytes)
        }
    }

    private func make<Value: Collection<UInt8>>(
        _ values: [Value], _ append: (Value, [UInt8], inout [UInt8]) -> Void
    ) -> LabelSet {
        guard !names.isEmpty, values.count == names.count else { return .empty }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.reduce(0) { $0 + $1.count } + names.reduce(0) { $0 + $1.count + 4 })
        for index in order { append(values[index], names[index], &bytes) }
        return LabelSet(bytes: bytes)
    }
}
