/// A connection string taken apart by libpq's own reader, to change parts of it. Never printed: it may hold a password.
public struct ConnectionString: Sendable, CustomStringConvertible {
    private var values: [String: String]

    /// Reads a URI, `key=value` pairs or the name of a database. Contacts nobody and reads no file.
    ///
    /// - Throws: `.configuration` with libpq's reason, without any piece of the string that could be a password.
    public init(_ text: String) throws(PostgresError) {
        values = try Conninfo.options(of: text).filter { !$0.value.isEmpty }
    }

    /// Value of a keyword such as `host`; `nil` when it is left open.
    public subscript(keyword: String) -> String? {
        get { values[keyword] }
        set { values[keyword] = newValue }
    }

    /// Every host name and address that it names, with its port; none when it leaves that to libpq and the environment.
    public var endpoints: [(host: String, port: String)] {
        let names = Self.list(values["host"])
        let addresses = Self.list(values["hostaddr"])
        let ports = Self.list(values["port"])
        let count = max(names.count, addresses.count)
        return (0..<count).flatMap { index in
            let port = ports.isEmpty ? "5432" : ports.count == 1 ? ports[0] : index < ports.count ? ports[index] : ""
            let both = [names, addresses].compactMap { index < $0.count && !$0[index].isEmpty ? $0[index] : nil }
            return (both.isEmpty ? ["localhost"] : both).map { ($0, port.isEmpty ? "5432" : port) }
        }
    }

    /// All of it as `key='value'` pairs, for libpq only.
    public var text: String {
        values.sorted { $0.key < $1.key }.map { key, value in
            let escaped = value.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
            return "\(key)='\(escaped)'"
        }.joined(separator: " ")
    }

    /// The keywords; never a value.
    public var description: String { "ConnectionString(\(values.keys.sorted().joined(separator: ", ")))" }

    /// Whether this libpq knows a keyword.
    public static func knows(_ keyword: String) -> Bool { keywords.contains(keyword) }

    private static let keywords = Set(Conninfo.keywords())

    private static func list(_ text: String?) -> [String] {
        text?.split(separator: ",", omittingEmptySubsequences: false).map(String.init) ?? []
    }
}
