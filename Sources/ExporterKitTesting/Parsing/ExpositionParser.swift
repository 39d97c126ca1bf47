internal import ExporterKit

/// Puts lines together to families and sees to it that each is whole and in one piece.
struct ExpositionParser {
    private let syntax: Exposition.Syntax
    private var families: [Exposition.Family] = []
    /// Which family a series name belongs to, and the own name of each family.
    private var owners: [String: Int] = [:]
    /// Where the last family begins.
    private var firstLine = 1
    /// Where its samples are.
    private var lines: [Int] = []
    private var seen: Set<SeriesKey> = []
    private var hasEnded = false

    init(_ syntax: Exposition.Syntax) {
        self.syntax = syntax
    }

    mutating func parse(_ bytes: [UInt8]) throws(ExpositionError) -> Exposition {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let last = lines.popLast() ?? []
        for (index, line) in lines.enumerated() {
            try read(LineScanner(line, line: index + 1, syntax: syntax))
        }
        let end = LineScanner(last, line: lines.count + 1, syntax: syntax)
        guard last.isEmpty else { throw end.error("the last line does not end with a line feed", at: last.endIndex) }
        guard hasEnded || syntax == .text else { throw end.error("OpenMetrics ends with the line # EOF") }
        try closeFamily()
        return Exposition(families, as: syntax)
    }

    private mutating func read(_ line: LineScanner) throws(ExpositionError) {
        var scanner = line
        guard !hasEnded else { throw scanner.error("there is more after the line # EOF") }
        if syntax == .text { scanner.skipBlanks() }
        switch scanner.next {
        case nil:
            guard syntax == .text else { throw scanner.error("OpenMetrics has no empty lines") }
        case UInt8(ascii: "#"): try readComment(&scanner)
        default: try add(SampleLine.read(scanner), at: scanner)
        }
    }

    // MARK: - Metadata

    private mutating func readComment(_ scanner: inout LineScanner) throws(ExpositionError) {
        let start = scanner.index
        scanner.skip()
        var keyword = ""
        if let byte = scanner.next, Letters.isBlank(byte) {
            try scanner.separator(before: "a keyword")
            keyword = scanner.word()
        }
        switch keyword {
        case "HELP", "TYPE": try readMetadata(keyword, &scanner)
        case "UNIT" where syntax == .openMetrics: try readMetadata(keyword, &scanner)
        case "EOF" where syntax == .openMetrics && scanner.isAtEnd: hasEnded = true
        default:
            guard syntax == .text else { throw scanner.error("OpenMetrics has no comments", at: start) }
        }
    }

    private mutating func readMetadata(_ keyword: String, _ scanner: inout LineScanner) throws(ExpositionError) {
        try scanner.separator(before: "the name")
        let place = scanner.index
        let name = try scanner.metricName()
        let family = try openFamily(name, scanner, at: place)
        if !scanner.isAtEnd || keyword != "HELP" { try scanner.separator(before: "the text of \(keyword)") }
        let value = scanner.index
        switch keyword {
        case "HELP":
            guard families[family].help == nil else { throw scanner.error("\(name) has a second HELP", at: place) }
            families[family].help = try scanner.help()
        case "UNIT":
            guard families[family].unit == nil else { throw scanner.error("\(name) has a second UNIT", at: place) }
            families[family].unit = scanner.word()
        default:
            guard families[family].kind == nil else { throw scanner.error("\(name) has a second TYPE", at: place) }
            let word = scanner.word()
            guard let kind = FamilyNames.kind(word, in: syntax) else {
                throw scanner.error("not a type of this format: \(word.debugDescription)", at: value)
            }
            families[family].kind = kind
            try claimSeries(of: family, scanner, at: place)
        }
        guard scanner.isAtEnd else { throw scanner.error("the line goes on after its end") }
    }

    /// The family that metadata is for: the last one, or a new one.
    private mutating func openFamily(
        _ name: String, _ scanner: LineScanner, at place: Int
    ) throws(ExpositionError) -> Int {
        if let owner = owners[name] {
            guard families[owner].name == name else {
                throw scanner.error("\(name) is the name of a series of \(families[owner].name)", at: place)
            }
            guard owner == families.count - 1 else {
                throw scanner.error("the lines of \(name) are not in one piece", at: place)
            }
            guard families[owner].samples.isEmpty else {
                throw scanner.error("metadata of \(name) after its first sample", at: place)
            }
            return owner
        }
        return try addFamily(name, at: scanner.line)
    }

    private mutating func addFamily(_ name: String, at line: Int) throws(ExpositionError) -> Int {
        try closeFamily()
        families.append(Exposition.Family(name))
        firstLine = line
        owners[name] = families.count - 1
        return families.count - 1
    }

    private mutating func claimSeries(
        of family: Int, _ scanner: LineScanner, at place: Int
    ) throws(ExpositionError) {
        for suffix in FamilyNames.suffixes(of: families[family].kind, in: syntax) where !suffix.isEmpty {
            let name = families[family].name + suffix
            if let other = owners.updateValue(family, forKey: name) {
                throw scanner.error("its series \(name) would be named like one of \(families[other].name)", at: place)
            }
        }
    }

    // MARK: - Samples

    private mutating func add(_ sample: Exposition.Sample, at scanner: LineScanner) throws(ExpositionError) {
        let last = families.count - 1
        let index: Int
        if let owner = owners[sample.name] {
            index = owner
        } else {
            index = try addFamily(sample.name, at: scanner.line)
        }
        // Not a copy of the family: its samples would be copied with every append.
        let (family, kind) = (families[index].name, families[index].kind)
        guard index >= last else { throw scanner.error("the lines of \(family) are not in one piece") }
        let names = FamilyNames.suffixes(of: kind, in: syntax).map { family + $0 }
        guard names.contains(sample.name) else {
            let kind = kind?.rawValue ?? "unknown"
            throw scanner.error("a \(kind) has no series \(sample.name), only \(names.joined(separator: ", "))")
        }
        guard seen.insert(SeriesKey(sample)).inserted else {
            throw scanner.error("a second value of \(sample.series)")
        }
        families[index].samples.append(sample)
        lines.append(scanner.line)
    }

    private mutating func closeFamily() throws(ExpositionError) {
        guard let family = families.last else { return }
        try FamilyRules(family, from: firstLine, lines: lines, syntax: syntax).check()
        lines = []
    }
}
