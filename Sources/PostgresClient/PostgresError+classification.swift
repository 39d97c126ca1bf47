#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

extension PostgresError.Kind {
    /// The cause behind an SQLSTATE of a statement.
    ///
    /// `57014` (cancelled) counts as `.timeout`: by the server's `statement_timeout`, as far as the state can tell. A
    /// call that cancels its own statement does not ask what became of it.
    init(sqlState: String) {
        switch sqlState {
        case "57014", "25P03", "25P04": self = .timeout
        case "55P03": self = .locked
        case "42501": self = .permission
        case "42P01", "42703", "42883", "42704", "3F000", "0A000": self = .unsupported
        case "57P01", "57P02", "57P03", "57P05", "53300", "3D000": self = .connection
        default:
            if sqlState.hasPrefix("08") {
                self = .connection
            } else if sqlState.hasPrefix("28") {
                self = .authentication
            } else {
                self = .query
            }
        }
    }
}

extension PostgresError {
    /// A failed attempt to connect, told by libpq.
    ///
    /// - Parameter text: `PQerrorMessage` at verbose level: the only place where a refused log-in has its SQLSTATE.
    static func connecting(to target: String, _ text: String) -> PostgresError {
        let lines = text.split(whereSeparator: \.isNewline).map(String.init).filter { !isSourceLocation($0) }
        let state = lines.lazy.compactMap(sqlState).last
        let reason = Redaction.oneLine(lines.map(withoutState).joined(separator: "\n"))
        let kind = state.map(Kind.init(sqlState:)) ?? clientSide(reason)
        return PostgresError(kind, sqlState: state, "connect to \(target): \(reason); \(nextStep(kind, state))")
    }

    /// A statement that the server refused, or that the broken connection took with it.
    static func asking(_ target: String, _ error: (sqlState: String?, message: String)) -> PostgresError {
        let kind = error.sqlState.map(Kind.init(sqlState:)) ?? .connection
        let state = error.sqlState.map { " (SQLSTATE \($0))" } ?? ""
        return PostgresError(
            kind, sqlState: error.sqlState, "ask \(target): \(Redaction.oneLine(error.message))\(state)")
    }

    /// libpq's own refusals carry no SQLSTATE; it is not localised, because nothing here calls `setlocale`.
    private static func clientSide(_ reason: String) -> Kind {
        // `String.contains` of a text would link the whole of Swift's regular expressions, more than a megabyte.
        func tells(_ word: String) -> Bool { strstr(reason, word) != nil }
        if ["SSL", "certificate", "private key", "root.crt"].contains(where: tells) { return .tls }
        if ["password", "SCRAM", "authentication", "GSSAPI"].contains(where: tells) { return .authentication }
        return .connection
    }

    private static func nextStep(_ kind: Kind, _ state: String?) -> String {
        switch (kind, state) {
        case (.authentication, _): "check user and password, and what pg_hba.conf asks of them"
        case (.tls, _): "check sslmode, sslrootcert and the server's certificate"
        case (_, "3D000"): "check the name of the database"
        case (_, "53300"): "the server has no connection left: check max_connections and who uses them"
        case (_, "57P03"): "the server is starting or stopping: it is tried again"
        default: "check that the server runs, and host and port"
        }
    }

    /// `FATAL:  28P01: password …`: two blanks, five characters, a colon.
    private static func stateRange(_ line: String) -> Range<String.Index>? {
        var index = line.startIndex
        while let colon = line[index...].firstIndex(of: ":") {
            let rest = line[colon...].dropFirst()
            let state = rest.dropFirst(2).prefix(5)
            if rest.hasPrefix("  "), state.count == 5, rest.dropFirst(7).first == ":",
                state.allSatisfy({ $0.isASCII && ($0.isNumber || $0.isUppercase) })
            {
                return state.startIndex..<rest.index(state.endIndex, offsetBy: 1)
            }
            index = line.index(after: colon)
        }
        return nil
    }

    private static func sqlState(_ line: String) -> String? {
        stateRange(line).map { String(line[$0].dropLast()) }
    }

    private static func withoutState(_ line: String) -> String {
        guard let range = stateRange(line) else { return line }
        return String(line[..<range.lowerBound].dropLast() + line[range.upperBound...].drop { $0 == " " })
    }

    /// `LOCATION:  auth_failed, auth.c:326`, its first word in the server's language.
    private static func isSourceLocation(_ line: String) -> Bool {
        guard let colon = line.lastIndex(of: ":"), line[..<colon].hasSuffix(".c") else { return false }
        return !line[colon...].dropFirst().isEmpty && line[colon...].dropFirst().allSatisfy(\.isNumber)
    }
}
