/// What becomes of a name that the classic data model does not know, such as `http.server.duration`, when a scraper does
/// not say that it takes any UTF-8. Nothing else of the text changes: values of labels are any Unicode in every scheme.
///
/// The four schemes give what Prometheus' Go library gives; where the documentation differs from that code (`dots` writes
/// other illegal characters as `__`, `values` writes lower-case hexadecimal), the code is followed, because it is what
/// the other exporters of a fleet do.
/// Source: https://prometheus.io/docs/instrumenting/escaping_schemes/
public enum NameEscaping: String, Sendable, Hashable, CaseIterable {
    /// Kept, in quotes.
    case allowUTF8 = "allow-utf-8"
    /// Each illegal character becomes `_`.
    case underscores
    /// `.` becomes `_dot_`, `_` becomes `__`, also in legal names; any other illegal character becomes `__`.
    case dots
    /// `U__` and, between underscores, the code points of what is illegal in hexadecimal.
    case values

    /// The name of a metric as this scheme writes it.
    public func escaped(metric name: String) -> String {
        escaped(name, isLegal: MetricNames.isLegalMetricName(name), colon: true)
    }

    /// The name of a label as this scheme writes it. A colon is legal in names of metrics only.
    public func escaped(label name: String) -> String {
        escaped(name, isLegal: MetricNames.isLegalLabelName(name), colon: false)
    }

    private func escaped(_ name: String, isLegal: Bool, colon: Bool) -> String {
        // `dots` can be undone only when the underscores of legal names are doubled too.
        guard self != .allowUTF8, self == .dots || !isLegal else { return name }
        var result = self == .values ? "U__" : ""
        for (position, scalar) in name.unicodeScalars.enumerated() {
            if scalar == "_", self != .underscores {
                result += "__"
            } else if Self.isLegal(scalar, first: position == 0, colon: colon) {
                result.unicodeScalars.append(scalar)
            } else {
                result += replacement(for: scalar)
            }
        }
        return result
    }

    private func replacement(for scalar: Unicode.Scalar) -> String {
        switch self {
        case .allowUTF8: String(scalar)
        case .underscores: "_"
        case .dots: scalar == "." ? "_dot_" : "__"
        case .values: "_" + String(scalar.value, radix: 16) + "_"
        }
    }

    private static func isLegal(_ scalar: Unicode.Scalar, first: Bool, colon: Bool) -> Bool {
        guard let byte = UInt8(exactly: scalar.value), byte < 0x80 else { return false }
        return MetricNames.isLetter(byte) || (colon && scalar == ":") || (!first && MetricNames.isDigit(byte))
    }
}
