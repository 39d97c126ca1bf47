/// The rules for names: the classic ones (legacy), and those of Prometheus 3, where any Unicode text is a name.
/// Source: https://prometheus.io/docs/concepts/data_model/
public enum MetricNames {
    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`: legal for every scraper there is, printed without quotes.
    public static func isLegalMetricName(_ name: some StringProtocol) -> Bool {
        isLegal(name) { isLetter($0) || $0 == UInt8(ascii: ":") }
    }

    /// `[a-zA-Z_][a-zA-Z0-9_]*` and not one of the names beginning with `__`, which belong to Prometheus.
    public static func isLegalLabelName(_ name: some StringProtocol) -> Bool {
        isLegal(name, isLetter) && isValidLabelName(name)
    }

    /// Any text but none: a scraper that does not know Unicode names gets it by the rules of `NameEscaping`.
    public static func isValidMetricName(_ name: some StringProtocol) -> Bool {
        !name.isEmpty
    }

    /// Any text but none, and none of the names beginning with `__`, which belong to Prometheus.
    public static func isValidLabelName(_ name: some StringProtocol) -> Bool {
        !name.isEmpty && !name.utf8.starts(with: "__".utf8)
    }

    /// Replaces each byte that a metric name may not have by `_`, as client_golang based exporters do.
    ///
    /// - Returns: a legal name for every non-empty input that does not begin with a digit.
    public static func sanitized(_ name: some StringProtocol) -> String {
        String(decoding: name.utf8.map { isLetter($0) || isDigit($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    }

    private static func isLegal(_ name: some StringProtocol, _ isHead: (UInt8) -> Bool) -> Bool {
        guard let first = name.utf8.first, isHead(first) else { return false }
        return name.utf8.dropFirst().allSatisfy { isHead($0) || isDigit($0) }
    }

    static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
