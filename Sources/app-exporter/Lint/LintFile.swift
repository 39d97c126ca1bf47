internal import ExporterCommand

/// A file to be looked at, and its places.
struct LintFile {
    let name: String
    let bytes: [UInt8]

    init(_ name: String) throws(ConfigurationError) {
        self.name = name
        bytes = try TextFile.readBytes(name, limit: 64 * 1024 * 1024)
    }

    init(name: String, text: String) {
        self.name = name
        bytes = Array(text.utf8)
    }

    /// `FILE:LINE:COLUMN` of a byte.
    func place(_ offset: Int) -> String {
        let before = bytes[..<min(offset, bytes.count)]
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return "\(name):\(line):\(String(decoding: before[start...], as: UTF8.self).count + 1)"
    }

    /// The byte at which a line and column of YAML are.
    func offset(of position: YAMLPosition) -> Int {
        var line = 1
        var offset = 0
        while line < position.line, offset < bytes.count {
            if bytes[offset] == UInt8(ascii: "\n") { line += 1 }
            offset += 1
        }
        return min(offset + position.column - 1, bytes.count)
    }

    /// Where a word of a text stands in the file, whatever quotes, escapes and folding lie between.
    ///
    /// - Parameters:
    ///   - word: as it is at `offset` of the text.
    ///   - start: where the text begins in the file.
    func place(of word: String, at offset: Int, in text: String, from start: Int) -> String {
        let word = Array(word.utf8)
        let text = Array(text.utf8)
        let earlier = Self.occurrences(of: word, in: text[..<min(offset, text.count)], whole: text).count
        let found = Self.occurrences(of: word, in: bytes[min(start, bytes.count)...], whole: bytes, most: earlier + 1)
        return place(found.count > earlier ? found[earlier] : start)
    }

    /// Where a word stands alone, not as a part of another one.
    private static func occurrences(
        of word: [UInt8], in slice: ArraySlice<UInt8>, whole: [UInt8], most: Int = .max
    ) -> [Int] {
        var found: [Int] = []
        guard let first = word.first else { return [] }
        var position = slice.startIndex
        while position < slice.endIndex, found.count < most {
            if whole[position] == UInt8(ascii: "\\") {
                position += 2
                continue
            }
            let end = position + word.count
            // What a backslash stands before is no letter of a word.
            let isEscaped = position >= 2 && whole[position - 2] == UInt8(ascii: "\\")
            let isBegin = position == 0 || !PromLexer.isWordByte(whole[position - 1]) || isEscaped
            if whole[position] == first, isBegin, end <= whole.count, whole[position..<end].elementsEqual(word),
                end == whole.count || !PromLexer.isWordByte(whole[end])
            {
                found.append(position)
                position = end
            } else {
                position += 1
            }
        }
        return found
    }
}

/// Something that is wrong in a file.
struct LintFinding: Equatable {
    /// `FILE:LINE:COLUMN`
    let place: String
    /// A metric or label that is not there, or no PromQL. Everything else is a warning.
    let isError: Bool
    let text: String

    var line: String { "\(place): \(isError ? "error" : "warning"): \(text)" }
}
