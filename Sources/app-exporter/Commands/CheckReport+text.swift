internal import ExporterKit

extension CheckReport {
    /// For people: one line each, what is wrong in words, and the sum of it.
    func text(isColoured: Bool) -> String {
        var text = ""
        let name = items.map(\.name.count).max() ?? 0
        for (kind, title) in [("source", "Sources"), ("group", "Groups"), ("probe", "Probes"), ("flow", "Flows")] {
            let members = items.filter { $0.kind == kind }
            guard !members.isEmpty else { continue }
            text += Self.painted(title, "1", isColoured) + "\n"
            for item in members {
                let took = item.took.map { "\(Int(($0.seconds * 1000).rounded())) ms" } ?? "-"
                text += "  " + Self.painted(item.status.word.padded(8), Self.colour(item.status), isColoured) + "  "
                text += item.name.padded(name) + "  " + String(repeating: " ", count: max(0, 8 - took.count)) + took
                text += item.text.isEmpty ? "\n" : "  \(Self.line(item.text))\n"
            }
        }
        let counts = [CheckStatus.ok, .warning, .critical].map { status in
            "\(items.count { $0.status == status }) \(status.word)"
        }
        text +=
            Self.painted(status.word, Self.colour(status), isColoured)
            + " - \(file): \(counts.joined(separator: ", "))\n"
        return text
    }

    /// For machines.
    var json: String {
        let members = items.map { item in
            JSONValue.object([
                ("kind", .string(item.kind)), ("name", .string(item.name)), ("status", .string(item.status.word)),
                ("seconds", item.took.map { .number($0.seconds) } ?? .null),
                ("series", item.series.map { .number(Double($0)) } ?? .null), ("text", .string(item.text)),
            ])
        }
        let value = JSONValue.object([
            ("status", .string(status.word)), ("exit_status", .number(Double(status.rawValue))),
            ("file", .string(file)),
            ("items", .array(members)),
        ])
        return String(decoding: value.bytes, as: UTF8.self)
    }

    private static func colour(_ status: CheckStatus) -> String {
        switch status {
        case .ok: "32"
        case .warning: "33"
        case .critical: "31"
        }
    }

    private static func painted(_ text: String, _ code: String, _ isColoured: Bool) -> String {
        isColoured ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }

    /// One line without control characters: a server may say anything.
    private static func line(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? " " : $0 }))
    }
}
