internal import ExporterCommand

/// `{"redis://user@host:6379": "password", …}` as redis_exporter has it. Every JSON file is a YAML file, so the strict
/// YAML reader reads it: a key that is there twice is an error with its line.
struct PasswordFile: Sendable {
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
    ///   - address: looked for as it is written, then as redis_exporter would write it: `valkey` is `redis` there.
    ///   - user: goes before the host.
    /// - Returns: `nil` when the file has no such address.
    func password(for address: ServerAddress, user: String?) -> String? {
        let names = [address.scheme, address.usesTLS ? "rediss" : "redis"]
        let login = user.map { "\($0)@" } ?? ""
        return names.lazy.compactMap { passwords["\($0)://\(login)\(address.place)"] }.first { !$0.isEmpty }
    }
}
