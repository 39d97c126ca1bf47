internal import ExporterCommand
internal import ExporterKit

extension MetricKnowledge {
    /// Takes a list of metrics: what `--list-metrics=json` or `plan --json` print, or a saved answer of `/metrics`.
    mutating func add(_ file: LintFile) throws(ConfigurationError) {
        let start = file.bytes.first { $0 > 0x20 }
        guard start == UInt8(ascii: "{") || start == UInt8(ascii: "[") else { return try addExposition(file) }
        let before = metrics.count
        addListing(try JSONDocument(file))
        guard metrics.count > before else {
            throw ConfigurationError("there is no metric in it; write it with --list-metrics=json", at: file.name)
        }
    }

    private mutating func addListing(_ document: JSONDocument) {
        switch document.value {
        case .array(let items): for item in items { addListing(item) }
        case .object(let members):
            if let name = document["name"]?.text, let kind = document["kind"]?.text.flatMap(MetricKind.init) {
                add(name, kind, document["labels"].map { Set($0.items.compactMap(\.text)) })
            } else {
                for member in members { addListing(member.value) }
            }
        case .string, .other: break
        }
    }

    private mutating func addExposition(_ file: LintFile) throws(ConfigurationError) {
        var kinds: [String: MetricKind] = [:]
        var number = 0
        for line in file.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            let text = String(decoding: line, as: UTF8.self)
            if text.hasPrefix("# TYPE ") {
                let words = text.split(separator: " ")
                if words.count == 4 { kinds[String(words[2])] = MetricKind(rawValue: String(words[3])) }
                continue
            }
            guard !text.isEmpty, !text.hasPrefix("#") else { continue }
            guard let (name, labels) = Self.series(line) else {
                throw ConfigurationError(
                    "this is neither JSON nor an answer of /metrics; give what --list-metrics=json prints",
                    at: "\(file.name):\(number):1")
            }
            var family = name
            for suffix in ["_bucket", "_sum", "_count"] where kinds[name] == nil && name.hasSuffix(suffix) {
                let stem = String(name.dropLast(suffix.count))
                if kinds[stem] == .histogram || kinds[stem] == .summary { family = stem }
            }
            add(family, kinds[family], labels.subtracting(["le", "quantile"]))
        }
        for (name, kind) in kinds where metrics[name] == nil { add(name, kind, nil) }
    }

    /// Name and label names of a line `name{label="value"} 1`.
    private static func series(_ line: ArraySlice<UInt8>) -> (String, Set<String>)? {
        let name = line.prefix { PromLexer.isWordByte($0) || $0 == UInt8(ascii: ":") }
        guard let first = name.first, !(0x30...0x39).contains(first) else { return nil }
        let rest = line[name.endIndex...]
        guard rest.first == UInt8(ascii: "{") else {
            return rest.first == UInt8(ascii: " ") ? (String(decoding: name, as: UTF8.self), []) : nil
        }
        var labels: Set<String> = []
        var word: [UInt8] = []
        var isQuoted = false
        var isEscaped = false
        for byte in rest.dropFirst() {
            if isQuoted {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isQuoted = false
                }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isQuoted = true
                case UInt8(ascii: "="):
                    labels.insert(String(decoding: word, as: UTF8.self))
                    word = []
                case UInt8(ascii: ","), 0x20: word = []
                case UInt8(ascii: "}"): return (String(decoding: name, as: UTF8.self), labels)
                default: word.append(byte)
                }
            }
        }
        return nil
    }
}
