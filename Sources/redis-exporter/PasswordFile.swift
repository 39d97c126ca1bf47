internal import ExporterCommand

/// `{"redis://user@host:6379": "password", …}` as redis_exporter has it. Every JSON file is a YAML file, so the strict
/// YAML reader reads it: a key that is there twice is an error with its line.
struct PasswordFile {
    private let passwords: [String: String]

    /// - Throws: the file, line and column of the mistake.
    init(_ path: String) throws(ConfigurationError) {
        var passwords: [String: String] = [:]
        for entry in try YAMLDocument(file: path).root.entries() { passwords[entry.key] = try entry.value.string() }
        self.passwords = passwords
    }

    /// The password of exactly this address.
    ///
    /// - Parameters:
    ///   - address: as given to the exporter.
    ///   - user: of `--redis.user`, inserted before the host when the address has none.
    /// - Returns: `nil` when the file has no such address.
    func password(for address: String, user: String?) -> String? {
        let parts = address.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard let user, !address.contains("@"), parts.count == 3, parts[0].hasSuffix(":"), parts[1].isEmpty else {
            return passwords[Self.withoutEmptyPassword(address)]
        }
        return passwords["\(parts[0])//\(user)@\(parts[2])"]
    }

    /// `redis://user:@host` is `redis://user@host`.
    private static func withoutEmptyPassword(_ address: String) -> String {
        guard let at = address.firstIndex(of: "@"), address[..<at].last == ":" else { return address }
        return String(address[..<at].dropLast()) + address[at...]
    }
}
