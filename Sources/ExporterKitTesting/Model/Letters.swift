/// Names and quoted text of the text formats.
enum Letters {
    static func isMetricName(_ name: String) -> Bool {
        guard let first = name.utf8.first, isMetricHead(first) else { return false }
        return name.utf8.allSatisfy { isMetricHead($0) || isDigit($0) }
    }

    static func isLabelName(_ name: String) -> Bool {
        guard let first = name.utf8.first, isLabelHead(first) else { return false }
        return name.utf8.allSatisfy { isLabelHead($0) || isDigit($0) }
    }

    static func isMetricHead(_ byte: UInt8) -> Bool { isLabelHead(byte) || byte == UInt8(ascii: ":") }

    static func isLabelHead(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    /// In quotes, escaped as a label value is.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
