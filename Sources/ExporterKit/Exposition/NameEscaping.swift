/// What becomes of a name that the classic data model does not know, such as `http.server.duration`.
/// Source: https://prometheus.io/docs/instrumenting/escaping_schemes/
public enum NameEscaping: String, Sendable, Hashable, CaseIterable {
    /// Kept, in quotes.
    case allowUTF8 = "allow-utf-8"
    /// Each illegal character becomes `_`.
    case underscores
    /// `.` becomes `_dot_`, `_` becomes `__`.
    case dots
    /// `U__` and the code points of what is illegal.
    case values
}
