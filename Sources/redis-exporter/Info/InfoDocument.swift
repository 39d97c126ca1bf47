/// One reply of `INFO`, taken apart once per scrape.
/// Source: https://redis.io/docs/latest/commands/info/
struct InfoDocument: Sendable {
    /// One `name:value` line.
    struct Entry: Sendable {
        let name: Substring
        let value: Substring
    }

    private let entries: [Entry]
    private let sections: [(name: Substring, range: Range<Int>)]
    private let fields: [Substring: Substring]

    /// Lines end with LF or CRLF. A line that is neither `# Section` nor `name:value` is left out: one bad line never
    /// costs its neighbours.
    ///
    /// - Parameter text: the whole reply, usually 5-20 KB; empty is an empty document.
    init(_ text: String) {
        var entries: [Entry] = []
        var starts: [(name: Substring, start: Int)] = []
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            if line.first == UInt8(ascii: "#") {
                starts.append((Substring(line.dropFirst().drop { $0 == UInt8(ascii: " ") }), entries.count))
            } else if let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex {
                let value = Substring(line[line.index(after: colon)...])
                entries.append(Entry(name: Substring(line[..<colon]), value: value))
            }
        }
        let ends = starts.dropFirst().map(\.start) + [entries.count]
        self.entries = entries
        self.sections = zip(starts, ends).map { ($0.name, $0.start..<$1) }
        self.fields = Self.index(entries, skipping: sections)
    }

    /// Value of a field, whatever its section; of a repeated one the last.
    func text(_ field: Substring) -> Substring? { fields[field] }

    /// Value of a field as a number; `nil` when absent or none.
    func number(_ field: Substring) -> Double? { fields[field].flatMap(InfoNumber.init)?.value }

    /// Names of the sections, in server order.
    var sectionNames: [Substring] { sections.map(\.name) }

    /// Lines of a section whose names begin with `prefix`, in server order.
    func entries(in section: String, prefix: String = "") -> [Entry] {
        sections.filter { $0.name == section }
            .flatMap { entries[$0.range] }
            .filter { $0.name.utf8.starts(with: prefix.utf8) }
    }

    /// Lines of any section whose names begin with `prefix`, in server order, except those of Valkey's copy of
    /// `CLUSTER INFO`, which are told by that command.
    func entries(prefix: String) -> [Entry] {
        let skipped = sections.filter { $0.name == Self.clusterCopy }.map(\.range)
        var found: [Entry] = []
        for (index, entry) in entries.enumerated() where entry.name.utf8.starts(with: prefix.utf8) {
            if !skipped.contains(where: { $0.contains(index) }) { found.append(entry) }
        }
        return found
    }

    /// Sections whose lines are records of their own: their names are data, not fields.
    private static let records: Set<Substring> = ["Commandstats", "Errorstats", "Latencystats", "Keysizes"]
    private static let clusterCopy = "Cluster Info"

    private static func index(
        _ entries: [Entry], skipping sections: [(name: Substring, range: Range<Int>)]
    ) -> [Substring: Substring] {
        var fields = Dictionary<Substring, Substring>(minimumCapacity: 256)
        let skipped = sections.filter { records.contains($0.name) }.map(\.range)
        var index = 0
        while index < entries.count {
            if let record = skipped.first(where: { $0.contains(index) }) {
                index = record.upperBound
                continue
            }
            fields[entries[index].name] = entries[index].value
            index += 1
        }
        return fields
    }
}

/// A value of `INFO` as a number, by the rules of redis_exporter.
struct InfoNumber {
    let value: Double

    /// `ok` and `true` are 1; `err`, `fail` and `false` are 0; else a decimal number, with or without a percent sign.
    /// Everything else, and what is not finite, is none.
    init?(_ text: some StringProtocol) {
        switch text {
        case "ok", "true": value = 1
        case "err", "fail", "false": value = 0
        default:
            let number = Double(text) ?? (text.last == "%" ? Double(text.dropLast()) : nil)
            guard let number, number.isFinite else { return nil }
            value = number
        }
    }
}

/// A value of `INFO` that holds several: `calls=1,usec=20`. Keys come in any order; an entry without `=` is left out.
struct InfoRecord: Sendable {
    /// In server order.
    let pairs: [InfoDocument.Entry]

    init(pairs: [InfoDocument.Entry]) {
        self.pairs = pairs
    }

    init(_ text: Substring) {
        pairs = text.utf8.split(separator: UInt8(ascii: ",")).compactMap { pair in
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            return InfoDocument.Entry(
                name: Substring(pair[..<equals]), value: Substring(pair[pair.index(after: equals)...]))
        }
    }

    /// Value of the first pair of this name.
    func text(_ name: String) -> Substring? { pairs.first { $0.name == name }?.value }

    /// The same as a number.
    func number(_ name: String) -> Double? { text(name).flatMap(InfoNumber.init)?.value }
}
