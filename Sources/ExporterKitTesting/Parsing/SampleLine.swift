/// Reads the line of one sample: `name{labels} value timestamp # exemplar`, the last two optional.
struct SampleLine {
    private var scanner: LineScanner

    static func read(_ scanner: LineScanner) throws(ExpositionError) -> Exposition.Sample {
        var line = SampleLine(scanner: scanner)
        return try line.read()
    }

    private mutating func read() throws(ExpositionError) -> Exposition.Sample {
        guard scanner.next != UInt8(ascii: "\"") else {
            throw scanner.error("a quoted name of a series stands in braces")
        }
        var name: String? = scanner.next == UInt8(ascii: "{") ? nil : try scanner.metricName()
        var labels: [String: String] = [:]
        if isBraceNext { (name, labels) = try self.labels(after: name) }
        guard let name else { throw scanner.error("the series has no name") }
        try scanner.separator(before: "the value")
        let value = try scanner.number("the value")
        let timestamp = try self.timestamp()
        let exemplar = try self.exemplar()
        guard scanner.isAtEnd else { throw scanner.error("the line goes on after its end") }
        return Exposition.Sample(name, labels, value: value, timestamp: timestamp, exemplar: exemplar)
    }

    /// Text 0.0.4 allows blanks before the brace.
    private var isBraceNext: Bool {
        var ahead = scanner
        if scanner.syntax == .text { ahead.skipBlanks() }
        return ahead.next == UInt8(ascii: "{")
    }

    private mutating func skipAllowedBlanks() {
        if scanner.syntax == .text { scanner.skipBlanks() }
    }

    // MARK: - Labels

    /// - Parameter name: what stood before the brace; without it the first in braces is the name, in quotes.
    private mutating func labels(
        after name: String?
    ) throws(ExpositionError) -> (name: String?, labels: [String: String]) {
        var (name, labels) = (name, [String: String]())
        skipAllowedBlanks()
        try scanner.expect("{", "before the labels")
        skipAllowedBlanks()
        var isFirst = true
        while !scanner.accept("}") {
            if !isFirst {
                try scanner.expect(",", "or } after a label")
                skipAllowedBlanks()
                // Text 0.0.4 allows a comma after the last label.
                if scanner.syntax == .text, scanner.accept("}") { break }
            }
            let place = scanner.index
            let isQuoted = scanner.next == UInt8(ascii: "\"")
            let label = try scanner.labelName()
            skipAllowedBlanks()
            if isFirst, isQuoted, name == nil, scanner.next != UInt8(ascii: "=") {
                name = label
            } else {
                try add(label, to: &labels, at: place)
            }
            skipAllowedBlanks()
            isFirst = false
        }
        return (name, labels)
    }

    private mutating func add(
        _ label: String, to labels: inout [String: String], at place: Int
    ) throws(ExpositionError) {
        guard !label.utf8.starts(with: "__".utf8) else {
            throw scanner.error("label names that begin with __ belong to Prometheus: \(label)", at: place)
        }
        try scanner.expect("=", "after a label name")
        skipAllowedBlanks()
        let value = try scanner.quoted()
        guard labels.updateValue(value, forKey: label) == nil else {
            throw scanner.error("the label \(label) is there twice", at: place)
        }
    }

    // MARK: - After the value

    /// Milliseconds as an integer in text 0.0.4, seconds in OpenMetrics.
    private mutating func timestamp() throws(ExpositionError) -> Double? {
        var ahead = scanner
        ahead.skipBlanks()
        guard let byte = ahead.next, byte != UInt8(ascii: "#") else { return nil }
        try scanner.separator(before: "the timestamp")
        let place = scanner.index
        guard scanner.syntax == .text else {
            let seconds = try scanner.number("the timestamp")
            guard seconds.isFinite else { throw scanner.error("the timestamp is not finite", at: place) }
            return seconds
        }
        let word = scanner.word()
        guard let milliseconds = Int64(word) else {
            throw scanner.error(
                "the timestamp is not a whole number of milliseconds: \(word.debugDescription)", at: place)
        }
        return Double(milliseconds) / 1000
    }

    private mutating func exemplar() throws(ExpositionError) -> Exposition.Exemplar? {
        var ahead = scanner
        ahead.skipBlanks()
        guard ahead.next == UInt8(ascii: "#") else { return nil }
        guard scanner.syntax == .openMetrics else { throw ahead.error("only OpenMetrics has exemplars") }
        try scanner.separator(before: "the exemplar")
        try scanner.expect("#", "before the exemplar")
        try scanner.separator(before: "the labels of the exemplar")
        let place = scanner.index
        let (name, labels) = try self.labels(after: nil)
        guard name == nil else { throw scanner.error("an exemplar has labels only", at: place) }
        let length = labels.reduce(0) { $0 + $1.key.unicodeScalars.count + $1.value.unicodeScalars.count }
        guard length <= 128 else {
            throw scanner.error("the exemplar has \(length) characters of labels; 128 are allowed", at: place)
        }
        try scanner.separator(before: "the value of the exemplar")
        let value = try scanner.number("the value of the exemplar")
        return Exposition.Exemplar(labels, value: value, timestamp: try timestamp())
    }
}
