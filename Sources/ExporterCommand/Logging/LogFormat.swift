internal import Logging

/// How log lines are written.
enum LogFormat: String, Sendable {
    /// `time=… level=info msg="…" key=value`
    case logfmt
    /// One JSON object a line.
    case json

    /// One line, without the line feed.
    func line(time: String, level: Logger.Level, message: String, metadata: Logger.Metadata) -> String {
        let fields = metadata.sorted { $0.key < $1.key }
        switch self {
        case .logfmt:
            var line = "time=\(time) level=\(level.word) msg=\(Logfmt.value(message))"
            for (key, value) in fields { line += " \(Logfmt.key(key))=\(Logfmt.value("\(value)"))" }
            return line
        case .json:
            let reserved = ["time", "level", "msg"]
            var line = "{\"time\":\"\(time)\",\"level\":\"\(level.word)\",\"msg\":\(JSONText.string(message))"
            for (key, value) in fields {
                line += ",\(JSONText.string(reserved.contains(key) ? "\(key)_" : key)):\(JSONText.value(value))"
            }
            return line + "}"
        }
    }
}

extension Logger.Level {
    /// The four words that the official exporters know.
    var word: String {
        switch self {
        case .trace, .debug: "debug"
        case .info, .notice: "info"
        case .warning: "warn"
        case .error, .critical: "error"
        }
    }

    /// Level for a word of `--log.level`.
    init(word: String) {
        switch word {
        case "debug": self = .debug
        case "warn": self = .warning
        case "error": self = .error
        default: self = .info
        }
    }
}

/// Keys and values of logfmt.
/// Source: https://pkg.go.dev/log/slog#TextHandler
enum Logfmt {
    /// A key without anything that would end it.
    static func key(_ key: String) -> String {
        guard !key.isEmpty else { return "_" }
        return String(String.UnicodeScalarView(key.unicodeScalars.map { isBare($0) ? $0 : "_" }))
    }

    /// A value, quoted when it must be. A quoted value stays on its line and cannot control a terminal.
    static func value(_ text: String) -> String {
        guard text.isEmpty || !text.unicodeScalars.allSatisfy(isBare) else { return text }
        return TextSafety.quoted(text)
    }

    private static func isBare(_ scalar: Unicode.Scalar) -> Bool {
        TextSafety.isSafe(scalar) && scalar != " " && scalar != "=" && scalar != "\"" && scalar != "\\"
            && !scalar.properties.isWhitespace
    }
}

/// JSON texts.
/// Source: https://www.rfc-editor.org/rfc/rfc8259
enum JSONText {
    /// A string with its quotes.
    static func string(_ text: String) -> String { TextSafety.quoted(text) }

    /// Log metadata: numbers and bools stay what they are, everything else becomes text.
    static func value(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): string(text)
        case .stringConvertible(let value): convertible(value)
        case .array(let values): "[" + values.map(Self.value).joined(separator: ",") + "]"
        case .dictionary(let fields):
            "{"
                + fields.sorted { $0.key < $1.key }.map { "\(string($0.key)):\(Self.value($0.value))" }
                .joined(separator: ",") + "}"
        }
    }

    private static func convertible(_ value: any CustomStringConvertible) -> String {
        if let number = value as? any FixedWidthInteger { return "\(number)" }
        if let bool = value as? Bool { return "\(bool)" }
        if let number = value as? Double, number.isFinite { return "\(number)" }
        return string("\(value)")
    }
}
