/// Reads the parts of one line from left to right.
struct LineScanner {
    let syntax: Exposition.Syntax
    let line: Int
    private let bytes: ArraySlice<UInt8>
    private(set) var index: Int

    init(_ bytes: ArraySlice<UInt8>, line: Int, syntax: Exposition.Syntax) {
        self.bytes = bytes
        self.line = line
        self.syntax = syntax
        self.index = bytes.startIndex
    }

    var next: UInt8? { index < bytes.endIndex ? bytes[index] : nil }
    var isAtEnd: Bool { index == bytes.endIndex }

    /// An error here, or where a part began.
    func error(_ problem: String, at place: Int? = nil) -> ExpositionError {
        let before = bytes[..<(place ?? index)]
        let column = before.count { $0 & 0xC0 != 0x80 } + 1
        return ExpositionError(line: line, column: column, problem)
    }

    // MARK: - Single bytes

    mutating func skip() { index += 1 }

    mutating func skipBlanks() {
        while let byte = next, Letters.isBlank(byte) { index += 1 }
    }

    mutating func accept(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    mutating func expect(_ character: Unicode.Scalar, _ place: String) throws(ExpositionError) {
        guard accept(character) else { throw error("expected \(character) \(place), found \(shownNext)") }
    }

    /// What lies between two parts of a line: one space in OpenMetrics, any blanks in the other format.
    mutating func separator(before part: String) throws(ExpositionError) {
        if syntax == .openMetrics {
            try expect(" ", "before \(part)")
            if let byte = next, Letters.isBlank(byte) { throw error("more than one space before \(part)") }
        } else {
            guard let byte = next, Letters.isBlank(byte) else {
                throw error("expected a space before \(part), found \(shownNext)")
            }
            skipBlanks()
        }
    }

    private var shownNext: String {
        guard next != nil else { return "the end of the line" }
        let rest = String(decoding: bytes[index...], as: UTF8.self)
        return rest.first.map { String($0).debugDescription } ?? "the end of the line"
    }

    // MARK: - Words

    /// Up to the next blank or the end.
    mutating func word() -> String {
        let start = index
        while let byte = next, !Letters.isBlank(byte) { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    /// All that is left.
    mutating func rest() -> ArraySlice<UInt8> {
        defer { index = bytes.endIndex }
        return bytes[index...]
    }

    mutating func metricName() throws(ExpositionError) -> String {
        if next == UInt8(ascii: "\"") { return try quotedName() }
        return try name("a metric name", isHead: Letters.isMetricHead)
    }

    mutating func labelName() throws(ExpositionError) -> String {
        if next == UInt8(ascii: "\"") { return try quotedName() }
        return try name("a label name", isHead: Letters.isLabelHead)
    }

    private mutating func name(_ what: String, isHead: (UInt8) -> Bool) throws(ExpositionError) -> String {
        let start = index
        guard let first = next, isHead(first) else { throw error("expected \(what), found \(shownNext)") }
        while let byte = next, isHead(byte) || Letters.isDigit(byte) { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func quotedName() throws(ExpositionError) -> String {
        let start = index
        let name = try quoted()
        guard !name.isEmpty else { throw error("a name is empty", at: start) }
        return name
    }

    // MARK: - Values

    /// Text in quotes, unescaped.
    mutating func quoted() throws(ExpositionError) -> String {
        let start = index
        try expect("\"", "at the beginning of a quoted text")
        var text: [UInt8] = []
        while let byte = next {
            if byte == UInt8(ascii: "\"") {
                index += 1
                return String(decoding: text, as: UTF8.self)
            }
            text.append(byte == UInt8(ascii: "\\") ? try escaped("\"") : byte)
            index += 1
        }
        throw error("a quoted text does not end in this line", at: start)
    }

    /// A help text to the end of the line, unescaped. Only OpenMetrics knows an escaped quote there.
    mutating func help() throws(ExpositionError) -> String {
        var text: [UInt8] = []
        while let byte = next {
            text.append(byte == UInt8(ascii: "\\") ? try escaped(syntax == .openMetrics ? "\"" : "\\") : byte)
            index += 1
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The byte that an escape stands for; leaves the index at its last byte.
    private mutating func escaped(_ third: Unicode.Scalar) throws(ExpositionError) -> UInt8 {
        let start = index
        index += 1
        switch next {
        case UInt8(ascii: "\\"): return UInt8(ascii: "\\")
        case UInt8(ascii: "n"): return UInt8(ascii: "\n")
        case UInt8(ascii: third): return UInt8(ascii: third)
        default: throw error("an unknown escape: a backslash before \(shownNext)", at: start)
        }
    }

    /// A number of the formats' grammar, or NaN or an infinity in any case.
    mutating func number(_ what: String) throws(ExpositionError) -> Double {
        let start = index
        let text = word()
        guard let number = NumberGrammar.number(text) else {
            throw error("\(what) is not a number: \(text.debugDescription)", at: start)
        }
        return number
    }
}
