internal import ExporterKit

/// One reply of `INFO`, taken apart once per scrape.
/// Source: https://redis.io/docs/latest/commands/info/
struct InfoDocument: Sendable {
    /// One `name:value` line.
    struct Entry: Sendable {
        let name: Substring
        let value: Substring
    }

    private let text: String
    private let lines: [FieldSpan]
    private let sections: [(name: Substring, range: Range<Int>)]
    private let fields: FieldTable
    /// The commands that were called since the last reset, in server order; subcommands as `config|get`.
    let commands: [(command: Substring, record: InfoRecord)]

    /// Lines end with LF or CRLF. A line that is neither `# Section` nor `name:value` is left out: one bad line never
    /// costs its neighbours.
    ///
    /// - Parameter text: the whole reply, usually 5-20 KB; empty is an empty document.
    init(_ text: String) {
        var text = text
        let (lines, headings) = text.withUTF8 { Self.split($0) }
        let ends = headings.dropFirst().map(\.line) + [lines.count]
        let utf8 = text.utf8
        let sections = zip(headings, ends).map { heading, end in
            (name: heading.name.text(in: utf8), range: heading.line..<end)
        }
        let records = sections.filter { Self.records.contains($0.name) }.map(\.range)
        fields = text.withUTF8 { FieldTable(lines, in: $0, skipping: records) }
        self.text = text
        self.lines = lines
        self.sections = sections
        commands = sections.filter { $0.name == "Commandstats" }.flatMap { section in
            lines[section.range].compactMap { line in
                let name = line.name(in: utf8)
                guard name.hasPrefix("cmdstat_") else { return nil }
                return (name.dropFirst(8), InfoRecord(line.value(in: utf8)))
            }
        }
    }

    /// Value of a field, whatever its section; of a repeated one the last.
    func text(_ field: some StringProtocol) -> Substring? {
        line(field).map { lines[$0].value(in: text.utf8) }
    }

    /// Value of a field as a number; `nil` when absent or none.
    func number(_ field: some StringProtocol) -> Double? {
        guard let line = line(field) else { return nil }
        return text.utf8.withBytes { InfoNumber(lines[line].value(in: $0))?.value }
    }

    private func line(_ field: some StringProtocol) -> Int? {
        text.utf8.withBytes { bytes in
            field.utf8.withBytes { fields.line(of: $0, lines, in: bytes) }
        }
    }

    /// Names of the sections, in server order.
    var sectionNames: [Substring] { sections.map(\.name) }

    /// Lines of a section whose names begin with `prefix`, in server order.
    func entries(in section: String, prefix: String = "") -> [Entry] {
        sections.filter { $0.name == section }.flatMap { entries($0.range, prefix) }
    }

    /// Lines of any section whose names begin with `prefix`, in server order, except those of Valkey's copy of
    /// `CLUSTER INFO`, which are told by that command.
    func entries(prefix: String) -> [Entry] {
        guard let copy = sections.first(where: { $0.name == Self.clusterCopy }) else {
            return entries(0..<lines.count, prefix)
        }
        return entries(0..<copy.range.lowerBound, prefix) + entries(copy.range.upperBound..<lines.count, prefix)
    }

    private func entries(_ range: Range<Int>, _ prefix: String) -> [Entry] {
        let found = text.utf8.withBytes { bytes in
            prefix.utf8.withBytes { prefix in
                lines[range].filter { $0.name(in: bytes).starts(with: prefix) }
            }
        }
        return found.map { Entry(name: $0.name(in: text.utf8), value: $0.value(in: text.utf8)) }
    }

    /// Sections whose lines are records of their own: their names are data, not fields.
    private static let records: Set<Substring> = ["Commandstats", "Errorstats", "Latencystats", "Keysizes"]
    private static let clusterCopy = "Cluster Info"

    private static func split(
        _ bytes: UnsafeBufferPointer<UInt8>
    ) -> (lines: [FieldSpan], headings: [(name: FieldSpan, line: Int)]) {
        var lines: [FieldSpan] = []
        lines.reserveCapacity(bytes.count / 24)
        var headings: [(name: FieldSpan, line: Int)] = []
        var start = 0
        while start < bytes.count {
            let feed = bytes.firstPlace(of: UInt8(ascii: "\n"), in: start..<bytes.count) ?? bytes.count
            let end = feed > start && bytes[feed - 1] == UInt8(ascii: "\r") ? feed - 1 : feed
            if start < end, bytes[start] == UInt8(ascii: "#") {
                var name = start + 1
                while name < end, bytes[name] == UInt8(ascii: " ") { name += 1 }
                headings.append((FieldSpan(start: name, nameEnd: end, end: end), lines.count))
            } else if let colon = bytes.firstPlace(of: UInt8(ascii: ":"), in: start..<end), colon > start {
                lines.append(FieldSpan(start: start, nameEnd: colon, end: end))
            }
            start = feed + 1
        }
        return (lines, headings)
    }
}
